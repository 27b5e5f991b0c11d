"""Those who wait are moved to the newest version, and nobody else; they meet each step once, and all sums hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from campaigns import (
    asking,
    control,
    editor,
    launch,
    moving,
    outlook,
    results,
    retrying,
    runner,
    versions,
)
from campaigns.models import Campaign, Cohort, FlowVersion, Intervention, Run, Verdict
from campaigns.moving import Plan
from tests.campaigns import make
from tests.campaigns.test_runner import running
from tests.campaigns.views import runs
from vibes.models import Account, OutboxRow, VibesList

pytestmark = pytest.mark.django_db
NOON, DAY = make.NOON, timedelta(days=1)


@pytest.fixture
def offers() -> VibesList:
    offers = make.vibes_list()
    make.subscribers(offers, 3, city="Chicago")
    return offers


@pytest.fixture
def run(offers: VibesList) -> Run:
    """Three people who had the first text and wait; the second would come in two days."""
    steps = [
        make.send(make.approved_message("One"), offers),
        make.wait(2),
        make.send(make.approved_message("Two", name="Second"), offers),
    ]
    return runs.running(make.campaign(filters=[make.in_city()], steps=steps))


def publish(campaign: Campaign) -> FlowVersion:
    return versions.publish(campaign, by=make.user(), now=NOON)


def plan(run: Run) -> Plan:
    return moving.plan(run.version, by=make.user())


def move(run: Run, *, now: Any = NOON) -> Plan:
    return moving.move(run.version, seen=plan(run).seen, by=make.user(), now=now)


def rest(now: Any) -> None:
    while cohorts := runner.due(now=now):
        for cohort in cohorts:
            runner.advance(cohort, now=now)


def delete(run: Run, place: int) -> int:
    step = run.campaign.steps.all()[place]
    pk: int = step.pk
    editor.delete_step(step, by=make.user(), now=NOON)
    return pk


def texts(run: Run) -> list[str]:
    return sorted(OutboxRow.objects.filter(run_id=run.pk).values_list("text", flat=True))


def add(run: Run, settings: make.Settings, *, to: int) -> int:
    step = make.step(run.campaign, settings)
    editor.move_step(step, to=to, by=make.user(), now=NOON)
    pk: int = step.pk
    return pk


def sums(run: Run) -> list[tuple[int, int, int]]:
    """(number, version where it is gone, entered) of each step."""
    return [(each.number, each.version, each.entered) for each in results.sums(run)]


# --- What they meet next --------------------------------------------------------------------------


def test_meet_what_the_newest_version_says_and_its_words(run: Run, offers: VibesList) -> None:
    message = make.approved_message("Better", name="Third")
    delete(run, 2)
    make.step(run.campaign, make.send(message, offers))
    publish(run.campaign)

    assert move(run).people == 3
    rest(NOON + 2 * DAY)

    assert texts(run) == ["Better"] * 3 + ["One"] * 3


def test_a_wait_that_is_still_there_keeps_its_time(run: Run) -> None:
    due = Cohort.objects.get().due_at
    wait = run.campaign.steps.all()[1]
    settings = {"amount": "9", "unit": "days"}
    editor.configure_step(wait, settings, does_nothing=False, by=make.user(), now=NOON)
    publish(run.campaign)

    [place] = move(run).moving

    assert (place.keeps, place.first_due, Cohort.objects.get().due_at) == (True, due, due)


def test_a_wait_that_is_gone_is_over_at_once(run: Run) -> None:
    delete(run, 1)
    publish(run.campaign)

    [place] = move(run).moving
    rest(NOON)

    assert not place.keeps
    assert texts(run) == ["One"] * 3 + ["Two"] * 3
    assert set(Verdict.objects.values_list("state", flat=True)) == {"queued", "done"}


def test_where_nothing_is_left_of_what_they_took_they_begin_at_the_first_step(
    run: Run, offers: VibesList
) -> None:
    delete(run, 0), delete(run, 0)
    first = add(run, make.wait(1, "hours"), to=0)
    publish(run.campaign)

    [place] = move(run).moving

    assert (place.position, place.next, place.keeps) == (0, first, False)


def test_what_stands_before_the_place_where_they_go_on_they_do_not_come_to(run: Run) -> None:
    added = add(run, make.change(), to=0)
    publish(run.campaign)

    [place] = move(run).moving
    rest(NOON + 2 * DAY)

    assert (place.passed, place.position) == ((added,), 3)
    assert not Verdict.objects.filter(step_id=added).exists()


def test_where_nothing_comes_after_they_are_through(run: Run) -> None:
    delete(run, 2)
    publish(run.campaign)

    [place] = move(run).moving
    rest(NOON + 2 * DAY)
    runs.settle(run)
    launch.finish_runs(now=NOON + 2 * DAY)

    run.refresh_from_db()
    assert (place.next, run.state) == (0, Run.State.FINISHED)


# --- Who is not moved -----------------------------------------------------------------------------


def test_nobody_is_moved_who_would_come_to_a_step_again(run: Run) -> None:
    first = run.campaign.steps.all()[0]
    editor.move_step(first, to=2, by=make.user(), now=NOON)
    publish(run.campaign)

    done = move(run)

    assert (done.people, done.moving) == (0, [])
    assert [(each.people, each.again) for each in done.staying] == [(3, (first.pk,))]
    assert Cohort.objects.get().version is None


def test_nobody_is_moved_whom_a_worker_has_in_hand(run: Run) -> None:
    Cohort.objects.update(attempts=1, due_at=NOON)
    publish_something(run)

    done = move(run)

    assert (done.people, done.in_hand) == (0, 3)
    assert Cohort.objects.get().version is None


def test_nobody_is_moved_who_is_not_waiting(offers: VibesList) -> None:
    run = running(make.ready_campaign())
    publish_something(run)

    assert (move(run).people, Cohort.objects.get().version) == (0, None)


def test_nobody_is_moved_in_a_run_that_is_over(run: Run) -> None:
    control.stop(run.pk, by=None, now=NOON)
    publish_something(run)

    assert plan(run).people == 0


def publish_something(run: Run) -> int:
    """A version with one more step at the end; its id."""
    pk: int = make.step(run.campaign, make.change()).pk
    publish(run.campaign)
    return pk


def test_what_was_not_shown_is_not_done(run: Run) -> None:
    publish_something(run)
    seen = plan(run).seen
    publish_something(run)

    with pytest.raises(moving.SeenAnotherWay):
        moving.move(run.version, seen=seen, by=make.user(), now=NOON)

    assert not Intervention.objects.exists()


def test_nobody_is_moved_to_what_cannot_run_today(run: Run, offers: VibesList) -> None:
    publish_something(run)
    VibesList.objects.update(gone_at=NOON)

    with pytest.raises(versions.NotReady, match="gone at Vibes"):
        move(run)


def test_who_lacks_the_right_for_a_step_does_not_move_people_to_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_something(run)
    monkeypatch.setattr(versions, "_needed", lambda step: {"people.delete_person"})
    ben = User.objects.create(username="ben")

    assert moving.plan(run.version, by=ben).problems


def test_moving_twice_does_nothing_the_second_time(run: Run) -> None:
    publish_something(run)

    assert (move(run).people, move(run).people) == (3, 0)
    assert Intervention.objects.count() == 1


# --- What is kept of it ---------------------------------------------------------------------------


def test_each_run_keeps_who_moved_how_many_from_where_to_where(run: Run) -> None:
    publish_something(run)

    move(run)

    line = run.interventions.get()
    assert (line.deed, line.by, line.at) == ("move", make.user(), NOON)
    assert (line.version and line.version.number, line.figures["from"]) == (2, 1)
    assert (line.figures["people"], line.figures["waiting"]) == (3, 3)


def test_the_results_add_up_and_show_what_is_gone(run: Run) -> None:
    gone = delete(run, 0)
    publish_something(run)

    move(run)
    rest(NOON + 2 * DAY)

    assert sums(run) == [(1, 1, 3), (1, 0, 3), (2, 0, 3), (3, 0, 3)]
    assert results.sums(run)[0].step_id == gone
    assert "(version 1, no longer in the flow)" in results.sums(run)[0].summary
    assert results.counts(run) == results.recount(run)


def test_steps_of_a_version_in_between_are_known_as_well(run: Run) -> None:
    for_a_time = add(run, make.change(), to=2)
    add(run, make.wait(5), to=3)
    publish(run.campaign)
    move(run)
    rest(NOON + 2 * DAY)
    delete(run, 2)
    third = publish(run.campaign)

    middle = FlowVersion.objects.get(number=2)
    moving.move(middle, seen=moving.plan(middle, by=None).seen, by=None, now=NOON)

    assert Cohort.objects.get().version == third
    assert (3, 2, 3) in sums(run)
    assert results.sums(run)[2].step_id == for_a_time


def test_the_forecast_counts_what_each_comes_to(run: Run, offers: VibesList) -> None:
    other = make.approved_message("Three", name="Third")
    add(run, make.send(other, offers), to=2)
    delete(run, 1)
    publish(run.campaign)
    move(run)
    runner.advance(Cohort.objects.get().pk, now=NOON)

    runs.settle(run)
    found = outlook.of(run, results.sums(run), is_free=True, now=NOON)

    assert found.left == 3


def test_a_retry_does_the_step_as_the_newest_version_has_it(run: Run, offers: VibesList) -> None:
    other = make.approved_message("Three", name="Third")
    added = add(run, make.send(other, offers), to=2)
    publish(run.campaign)
    move(run)
    rest(NOON + 2 * DAY)
    Verdict.objects.filter(step_id=added).update(state="failed", reason="refused")

    retry, _is_new = retrying.begin(
        run, step_id=added, which=[("failed", "refused")], why="", token="t", by=None, now=NOON
    )

    assert retry.version.number == 2


# --- Lists that Vibes was not asked about ---------------------------------------------------------


def test_a_run_asks_about_a_list_it_did_not_need_before(run: Run) -> None:
    news = make.vibes_list("News")
    make.step(run.campaign, make.send(make.approved_message("News", name="News"), news))
    publish(run.campaign)

    done = move(run)

    run.refresh_from_db()
    assert (done.asks, done.unknown) == ([news], 3)
    assert (run.state, run.to_ask, run.asked_at) == (Run.State.ASKING, 3, NOON)
    assert asking.lists_of_run(run) == [*asking.lists_to_ask(versions.flow_of(done.target))]


def test_a_paused_run_asks_when_it_goes_on(run: Run) -> None:
    news = make.vibes_list("News")
    make.step(run.campaign, make.send(make.approved_message("News", name="News"), news))
    publish(run.campaign)
    control.pause(run.pk, by=None, now=NOON)

    move(run)
    control.resume(run.pk, cancel_late=False, by=None, now=NOON)

    run.refresh_from_db()
    assert run.state == Run.State.ASKING


def test_a_run_that_needs_no_other_list_goes_on(run: Run) -> None:
    publish_something(run)

    move(run)

    run.refresh_from_db()
    assert (run.state, Account.objects.count()) == (Run.State.RUNNING, 1)
