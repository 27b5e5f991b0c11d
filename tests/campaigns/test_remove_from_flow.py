"""Remove from Flow: out of this flow, or out of another, where people wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaigns import binning, runner, tree
from campaigns.models import Campaign, Run, Verdict
from people.models import Activity, StaticList
from tests.campaigns import make
from tests.campaigns.make import Settings
from tests.campaigns.views.runs import running
from tests.people.make import person, static_list

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=3)


def remove(campaign: Campaign | None = None) -> Settings:
    return "remove_from_flow", {"campaign": str(campaign.pk) if campaign else ""}


def go_on(now: datetime) -> None:
    while cohorts := runner.due(now=now):
        for cohort in cohorts:
            runner.advance(cohort, now=now)


def verdicts(run: Run) -> list[tuple[str, str, str]]:
    rows = run.verdicts.order_by("person__first_name", "pk")
    return list(rows.values_list("person__first_name", "state", "reason"))


@pytest.fixture
def news() -> StaticList:
    return static_list("News")


@pytest.fixture
def waiting(news: StaticList) -> Campaign:
    """Ana and Ben of Chicago wait in it; then they come on a list."""
    for name, state in [("Ana", "IL"), ("Ben", "IN")]:
        person(first_name=name, city="Chicago", state=state)
    steps = [make.wait(2), make.add_to(news)]
    return make.campaign("Waiting", filters=[make.in_city()], steps=steps)


def test_whoever_is_removed_from_this_flow_takes_no_further_step(news: StaticList) -> None:
    person(first_name="Ana", city="Chicago", state="IL")
    person(first_name="Ben", city="Chicago", state="IN")
    campaign = make.campaign(filters=[make.in_city()], steps=[remove(), make.add_to(news)])
    make.choice(campaign.steps.get(position=0), condition=make.in_state("IN"))

    run = running(campaign)

    assert verdicts(run) == [("Ana", "left", ""), ("Ben", "done", ""), ("Ben", "done", "")]
    assert [each.first_name for each in news.members.all()] == ["Ben"]


def test_whoever_waits_in_another_flow_is_taken_out_there_and_nobody_else(
    waiting: Campaign, news: StaticList
) -> None:
    other = running(waiting)
    running(make.campaign("Out", filters=[make.in_state("IL")], steps=[remove(waiting)]))

    assert verdicts(other) == [("Ana", "left", "removed-from-flow"), ("Ben", "waiting", "")]
    go_on(LATER)
    assert [each.first_name for each in news.members.all()] == ["Ben"]
    assert not Verdict.objects.open().exists()


def test_goes_on_itself_where_another_flow_was_meant(waiting: Campaign, news: StaticList) -> None:
    running(waiting)
    steps = [remove(waiting), make.add_to(news)]

    run = running(make.campaign("Out", filters=[make.in_state("IL")], steps=steps))

    assert verdicts(run) == [("Ana", "done", ""), ("Ana", "done", "")]


def test_an_earlier_run_of_this_campaign_is_left_too(waiting: Campaign) -> None:
    earlier = running(waiting)
    waiting.steps.all().delete()
    make.step(waiting, remove())

    running(waiting)

    assert [state for _, state, _ in verdicts(earlier)] == ["left", "left"]


def test_whoever_is_through_was_not_removed(waiting: Campaign) -> None:
    running(waiting)
    go_on(LATER)

    running(make.campaign("Out", filters=[make.in_city()], steps=[remove(waiting)]))

    assert not Activity.objects.filter(kind="removed_from_flow").exists()


def test_the_history_says_out_of_what_and_by_whom(waiting: Campaign) -> None:
    running(waiting)
    running(make.campaign("Out", filters=[make.in_state("IL")], steps=[remove(waiting)]))

    line = Activity.objects.get(kind="removed_from_flow")
    assert (line.person.first_name, line.campaign_id) == ("Ana", waiting.pk)
    assert line.details == {"campaign": "Waiting", "by": "smart campaign “Out”"}


def test_a_campaign_that_a_step_names_is_not_deleted_and_one_that_names_itself_is(
    waiting: Campaign,
) -> None:
    naming = make.campaign("Out", steps=[remove(waiting)])

    with pytest.raises(tree.InUse, match="is used") as refused:
        binning.delete(waiting.node, by=None, now=NOON)
    assert [each.words for each in refused.value.uses] == ["Flow of the campaign “Out”"]

    binning.delete(naming.node, by=None, now=NOON)
    binning.delete(waiting.node, by=None, now=NOON)
