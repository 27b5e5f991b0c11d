"""People come into an active campaign when a flow requests them, once each time, and only who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns import activating, control, editor, launch, listener, runner, versions
from campaigns.models import Campaign, Entry, Request, Run, Verdict
from people.models import Activity, Person, StaticList
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views.runs import running
from tests.people.make import people, person, static_list
from vibes.models import OutboxRow

pytestmark = pytest.mark.django_db
Enters = Campaign.Enters


def clock(now: datetime = NOON) -> Callable[[], datetime]:
    return lambda: now


def go_on(now: datetime = NOON) -> None:
    """What workers do until nothing is due."""
    while True:
        cohorts, campaigns = runner.due(now=now), listener.due(now=now)
        if not cohorts and not campaigns:
            return
        for cohort in cohorts:
            runner.advance(cohort, now=now)
        for campaign in campaigns:
            listener.listen(campaign, clock=clock(now))


def asking(target: Campaign, name: str = "Asking") -> Run:
    """A batch run for everybody in Chicago that requests `target`."""
    return running(make.campaign(name, filters=[make.in_city()], steps=[make.request(target)]))


def verdicts(run: Run) -> list[tuple[str, str, str]]:
    rows = run.verdicts.order_by("person__first_name", "pk")
    return list(rows.values_list("person__first_name", "state", "reason"))


@pytest.fixture
def news() -> StaticList:
    return static_list("News")


@pytest.fixture
def ana() -> Person:
    return person(first_name="Ana", city="Chicago", state="IL")


@pytest.fixture
def ben() -> Person:
    return person(first_name="Ben", city="Chicago", state="IN")


def test_whoever_is_requested_goes_through_the_other_flow(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)])
    inside = make.active(welcome)

    run = asking(welcome)
    assert verdicts(run) == [("Ana", "queued", "")]
    go_on()

    assert verdicts(run) == [("Ana", "done", "")]
    assert verdicts(inside) == [("Ana", "done", "")]
    assert [each.first_name for each in news.members.all()] == ["Ana"]


def test_it_is_answered_once_however_often_anybody_comes(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)], enters=Enters.ALWAYS)
    make.active(welcome)
    asking(welcome)

    for _again in range(3):
        listener.listen(welcome.pk, clock=clock())

    assert Entry.objects.filter(run__campaign=welcome).count() == 1
    assert Activity.objects.filter(kind="request_campaign").count() == 1


def test_a_crash_while_they_are_let_in_leaves_nothing_and_the_next_one_does_it(
    ana: Person, news: StaticList, monkeypatch: pytest.MonkeyPatch
) -> None:
    welcome = make.requestable(steps=[make.add_to(news)], enters=Enters.ALWAYS)
    inside = make.active(welcome)
    run = asking(welcome)
    with monkeypatch.context() as broken:
        broken.setattr("people.activity.record", Mock(side_effect=MemoryError))
        with pytest.raises(MemoryError):
            listener.listen(welcome.pk, clock=clock())
    assert (inside.entries.count(), verdicts(run)) == (0, [("Ana", "queued", "")])

    go_on()

    assert (inside.entries.count(), verdicts(run)) == (1, [("Ana", "done", "")])


def test_the_wave_is_the_occasion_on_which_they_entered(
    ana: Person, ben: Person, news: StaticList
) -> None:
    welcome = make.requestable(steps=[make.add_to(news)], enters=Enters.ALWAYS)
    inside = make.active(welcome)
    for name in ("First", "Second"):
        asking(welcome, name)
        go_on()

    waves = inside.entries.order_by("pk").values_list("wave", "cohort")

    assert [wave for wave, _ in waves] == [cohort for _, cohort in waves]
    assert len({wave for wave, _ in waves}) == 2
    assert {*inside.verdicts.values_list("wave", flat=True)} == {wave for wave, _ in waves}


def test_the_filters_are_asked_at_that_moment(ana: Person, ben: Person, news: StaticList) -> None:
    welcome = make.requestable(filters=[make.in_state("IL")], steps=[make.add_to(news)])
    inside = make.active(welcome)

    run = asking(welcome)
    go_on()

    assert verdicts(run) == [("Ana", "done", ""), ("Ben", "skipped", "not-qualified")]
    assert [each.person for each in inside.entries.select_related("person")] == [ana]


@pytest.mark.parametrize(
    ("enters", "count", "hours", "times"),
    [
        (Enters.ONCE, 1, 10_000, 1),
        (Enters.ALWAYS, 1, 0, 2),
        (Enters.HOURS, 3, 2, 1),
        (Enters.HOURS, 3, 3, 2),
        (Enters.DAYS, 2, 47, 1),
        (Enters.DAYS, 2, 48, 2),
        (Enters.WEEKS, 1, 167, 1),
        (Enters.WEEKS, 1, 168, 2),
        (Enters.MONTHS, 1, 719, 1),  # June has 30 days
        (Enters.MONTHS, 1, 720, 2),
    ],
)
def test_the_qualification_rule_says_who_enters_again(
    ana: Person, news: StaticList, enters: str, count: int, hours: int, times: int
) -> None:
    welcome = make.requestable(steps=[make.add_to(news)], enters=enters, every_count=count)
    inside = make.active(welcome)
    asking(welcome, "First")
    go_on()

    run = asking(welcome, "Second")
    go_on(NOON + timedelta(hours=hours))

    assert inside.entries.count() == times
    assert [reason for *_, reason in verdicts(run)] == ["" if times == 2 else "entered-before"]


def test_two_requests_at_once_are_judged_one_after_the_other(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)])
    inside = make.active(welcome)
    runs = [asking(welcome, name) for name in ("First", "Second")]

    go_on()

    assert inside.entries.count() == 1
    assert [verdicts(run)[0][2] for run in runs] == ["", "entered-before"]


def test_the_person_limit_holds_for_the_whole_activation(
    ana: Person, ben: Person, news: StaticList
) -> None:
    welcome = make.requestable(steps=[make.add_to(news)])
    Campaign.objects.filter(pk=welcome.pk).update(person_limit=1)
    inside = make.active(welcome)

    run = asking(welcome)
    go_on()

    inside.refresh_from_db()
    assert inside.entered == 1
    assert sorted(reason for *_, reason in verdicts(run)) == ["", "person-limit"]


def test_a_newer_version_makes_no_room_within_the_person_limit(
    ana: Person, ben: Person, news: StaticList
) -> None:
    welcome = make.requestable(steps=[make.add_to(news)], enters=Enters.ALWAYS)
    Campaign.objects.filter(pk=welcome.pk).update(person_limit=2)
    first = make.active(welcome)
    asking(welcome, "First")
    go_on()
    make.step(welcome, make.change("city", "Boston"))
    versions.publish(welcome, by=None, now=NOON)

    run = asking(welcome, "Second")
    go_on()

    newer = Run.objects.active().get()
    assert (first.entries.count(), newer.entries.count()) == (2, 0)
    assert {reason for *_, reason in verdicts(run)} == {"person-limit"}


def test_activated_anew_it_has_room_again(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)], enters=Enters.ALWAYS)
    Campaign.objects.filter(pk=welcome.pk).update(person_limit=1)
    for name in ("First", "Second"):
        inside = make.active(welcome)
        asking(welcome, name)
        go_on()
        activating.deactivate(inside.pk, by=None, now=NOON)

    assert Entry.objects.filter(run__campaign=welcome).count() == 2


def test_whoever_is_deleted_meanwhile_does_not_enter(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)])
    make.active(welcome)
    run = asking(welcome)
    Person.objects.update(deleted_at=NOON)

    go_on()

    assert verdicts(run) == [("Ana", "skipped", "person-deleted")]


# --- Active, paused, stopped ------------------------------------------------------------------------


def test_a_campaign_that_is_not_active_lets_nobody_in(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)])
    inside = make.active(welcome)
    campaign = make.campaign("Asking", filters=[make.in_city()], steps=[make.request(welcome)])
    run = make.run(campaign)
    activating.deactivate(inside.pk, by=None, now=NOON)
    Run.objects.filter(pk=run.pk).update(state=Run.State.ENROLLING)
    launch.prepare(run.pk, clock=clock())

    go_on()

    assert verdicts(run) == [("Ana", "skipped", "requested-not-active")]
    line = Activity.objects.get(kind="skipped")  # so that *Was Skipped in Flow* finds her
    assert (line.person, line.run_id, line.details["step"]) == (ana, run.pk, "Request Campaign")


def test_deactivated_before_anybody_answered(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)])
    inside = make.active(welcome)
    run = asking(welcome)
    activating.deactivate(inside.pk, by=None, now=NOON)

    go_on()

    assert verdicts(run) == [("Ana", "skipped", "requested-not-active")]
    assert not Entry.objects.filter(run=inside).exists()


def test_a_paused_one_lets_them_wait_at_the_door(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)])
    inside = make.active(welcome)
    control.pause(inside.pk, by=None, now=NOON)
    run = asking(welcome)
    go_on()
    assert verdicts(run) == [("Ana", "queued", "")]

    control.resume(inside.pk, cancel_late=False, by=None, now=NOON)
    go_on()

    assert verdicts(run) == [("Ana", "done", "")]
    assert [each.first_name for each in news.members.all()] == ["Ana"]


def test_what_a_stopped_run_requested_is_cancelled(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)])
    inside = make.active(welcome)
    run = asking(welcome)

    control.stop(run.pk, by=None, now=NOON)
    go_on()

    assert verdicts(run) == [("Ana", "cancelled", "run-stopped")]
    assert Request.objects.get().state == Request.State.CANCELLED
    assert not inside.entries.exists()


def test_it_runs_until_it_is_deactivated_and_everybody_is_through(
    ana: Person, news: StaticList
) -> None:
    welcome = make.requestable(steps=[make.wait(2), make.add_to(news)])
    inside = make.active(welcome)
    run = asking(welcome)
    go_on()
    assert launch.finish_runs(now=NOON) == 1  # the one that asked

    activating.deactivate(inside.pk, by=None, now=NOON)
    assert launch.finish_runs(now=NOON) == 0
    go_on(NOON + timedelta(days=3))

    assert launch.finish_runs(now=NOON) == 1
    run.refresh_from_db()
    assert [each.first_name for each in news.members.all()] == ["Ana"]


# --- Versions ---------------------------------------------------------------------------------------


def test_whoever_enters_follows_the_newest_version_and_who_is_inside_their_own(
    ana: Person, ben: Person, news: StaticList
) -> None:
    later = static_list("Later")
    welcome = make.requestable(steps=[make.wait(2), make.add_to(news)])
    first = make.active(welcome)
    state = [make.in_state("IL")]
    running(make.campaign("Ana only", filters=state, steps=[make.request(welcome)]))
    go_on()
    make.step(welcome, make.add_to(later))
    versions.publish(welcome, by=make.user(), now=NOON)

    asking(welcome)
    go_on(NOON + timedelta(hours=1))
    go_on(NOON + timedelta(days=4))

    assert [each.version.number for each in welcome.runs.order_by("pk")] == [1, 2]
    assert {each.first_name for each in news.members.all()} == {"Ana", "Ben"}
    assert [each.first_name for each in later.members.all()] == ["Ben"]
    first.refresh_from_db()
    assert not first.is_active


def test_a_version_without_a_trigger_lets_nobody_in(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(filters=[make.in_city()], steps=[make.add_to(news)])
    make.active(welcome)
    run = asking(welcome)
    editor.delete_trigger(welcome.smart_list.triggers.get(), by=make.user(), now=NOON)
    versions.publish(welcome, by=make.user(), now=NOON)

    go_on()

    assert not welcome.runs.active().exists()
    assert verdicts(run) == [("Ana", "skipped", "requested-not-active")]


# --- Rings ------------------------------------------------------------------------------------------


def test_a_campaign_that_requests_itself_ends(ana: Person, news: StaticList) -> None:
    welcome = make.requestable(steps=[make.add_to(news)], enters=Enters.ALWAYS)
    make.step(welcome, make.request(welcome))
    inside = make.active(welcome)

    asking(welcome)
    go_on()

    assert inside.entries.count() == listener.DEEPEST.get() == 10
    ended = Verdict.objects.filter(reason="requests-in-a-ring")
    assert [each.entry.cohort.depth for each in ended] == [10]


def test_two_that_request_each_other_end(ana: Person) -> None:
    here = make.requestable("Here", enters=Enters.ALWAYS)
    there = make.requestable("There", steps=[make.request(here)], enters=Enters.ALWAYS)
    make.step(here, make.request(there))
    make.active(here), make.active(there)

    asking(here)
    go_on()

    assert Entry.objects.filter(run__is_triggered=True).count() == 10
    assert not Request.objects.waiting().exists()


# --- Texts ------------------------------------------------------------------------------------------


def test_texts_of_each_occasion_are_owed_once_a_number() -> None:
    offers = make.vibes_list()
    for name in ("Ana", "Ben"):
        make.subscriber(offers, first_name=name, city="Chicago")  # the same number
    steps = [make.send(make.approved_message(), offers)]
    welcome = make.requestable(steps=steps, enters=Enters.ALWAYS)
    inside = make.active(welcome)

    for name in ("First", "Second"):
        asking(welcome, name)
        go_on()

    rows = OutboxRow.objects.filter(run_id=inside.pk)
    assert rows.count() == rows.values("wave").distinct().count() == 2
    assert [state for _, state, _ in verdicts(inside)] == ["queued", "queued", "skipped", "skipped"]


# --- In sets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [2, 200])
def test_letting_in_costs_the_same_for_2_as_for_200(
    django_assert_num_queries: DjangoAssertNumQueries, news: StaticList, number: int
) -> None:
    people(number, city="Chicago")
    welcome = make.requestable(filters=[make.in_city()], steps=[make.add_to(news)])
    inside = make.active(welcome)
    asking(welcome)
    listener.DEEPEST.get()

    with django_assert_num_queries(24):
        listener.listen(welcome.pk, clock=clock())

    assert inside.entries.count() == number


def test_the_history_says_that_they_entered_and_why_others_did_not(
    ana: Person, ben: Person, news: StaticList
) -> None:
    welcome = make.requestable(filters=[make.in_state("IL")], steps=[make.add_to(news)])
    make.active(welcome)
    asking(welcome)
    go_on()

    lines = Activity.objects.filter(kind="request_campaign").order_by("person__first_name")

    assert [each.details["came"] for each in lines] == [
        "entered",
        "The filters of the requested campaign do not find them",
    ]
