"""Pause, resume, stop: at once, with exact figures, and one of two who press at the same time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from campaigns import control, late, launch, runner
from campaigns.late import Late
from campaigns.models import Cohort, Entry, Intervention, Run, Verdict
from campaigns.standing import Standing
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes import delivery
from vibes.models import Account, OutboxRow

pytestmark = pytest.mark.django_db
NOON = runs.NOON
SOON, LATER = NOON + timedelta(minutes=5), NOON + timedelta(hours=2)


@pytest.fixture
def run() -> Run:
    """Five texts are owed, then everybody waits two days."""
    offers = make.vibes_list()
    make.subscribers(offers, 5, city="Chicago")
    steps = [make.send(make.approved_message(), offers), make.wait(), make.change()]
    return runs.running(make.campaign(filters=[make.in_city()], steps=steps))


def claim(now: datetime = NOON) -> list[OutboxRow]:
    return delivery.claim(Account.objects.get(), actions=["text"], limit=9, now=now)


def pause(run: Run, *, now: datetime = NOON) -> control.Handled:
    return control.pause(run.pk, by=make.user(), now=now, why="The price is wrong")


def resume(run: Run, *, cancel_late: bool = False, now: datetime = SOON) -> control.Handled:
    return control.resume(run.pk, cancel_late=cancel_late, by=make.user(), now=now)


def verdicts(run: Run) -> Iterator[tuple[str, str]]:
    yield from run.verdicts.order_by("step_id", "pk").values_list("state", "reason")


# --- Pause ----------------------------------------------------------------------------------------


def test_a_pause_says_how_many_went_are_held_and_are_in_flight(run: Run) -> None:
    runs.settle(run, number=2)
    delivery.permit(claim()[:1], now=NOON)

    assert pause(run).standing == Standing(went=2, held=2, flying=1, waiting=5)


def test_nothing_of_a_paused_run_leaves_or_goes_on(run: Run) -> None:
    claimed = claim()
    pause(run)

    assert delivery.permit(claimed, now=NOON) == []
    assert claim(now=LATER) == []
    assert runner.due(now=NOON + timedelta(days=3)) == []
    assert launch.finish_runs(now=NOON + timedelta(days=3)) == 0


def test_a_cohort_that_was_handed_out_stays_where_it_is(run: Run) -> None:
    pause(run)
    Cohort.objects.update(due_at=None)

    assert runner.advance(run.cohorts.get().pk, now=NOON) is runner.Next.REST
    assert run.cohorts.get().position == 2


def test_what_is_on_the_wire_settles_while_it_is_paused(run: Run) -> None:
    flying = delivery.permit(claim()[:1], now=NOON)
    pause(run)

    delivery.settle([(flying[0], runs.TAKEN)], now=NOON)

    assert pause(run).standing == Standing(went=1, held=4, waiting=5)


def test_another_run_goes_on(run: Run) -> None:
    pause(run)
    other = runs.running(run.campaign)

    assert {row.run_id for row in claim()} == {other.pk}


@pytest.mark.parametrize("state", Run.MOVING)
def test_a_run_goes_on_where_it_was(run: Run, state: str) -> None:
    Run.objects.update(state=state, asked_at=NOON)

    assert pause(run).run.paused_from == state
    assert launch.to_prepare(now=NOON) == []
    resumed = resume(run).run
    assert (resumed.state, resumed.asked_at, resumed.paused_at) == (state, SOON, None)


# --- Resume ---------------------------------------------------------------------------------------


def test_nothing_is_late_after_a_short_pause(run: Run) -> None:
    pause(run)

    assert late.of(Run.objects.get(), now=SOON) == Late()
    assert resume(run, cancel_late=True).cancelled == 0
    assert len(claim(now=SOON)) == 5


def test_counts_what_a_long_pause_made_late(run: Run) -> None:
    pause(run)
    run.refresh_from_db()

    assert late.of(run, now=LATER) == Late(texts=5, people=0)
    assert late.of(run, now=NOON + timedelta(days=3)) == Late(texts=5, people=5)


def test_a_run_paused_before_its_people_were_found_is_late_as_a_whole() -> None:
    run = make.run(make.ready_campaign())
    pause(run)
    run.refresh_from_db()

    assert late.of(run, now=LATER) == Late(is_whole=True)
    assert resume(run, cancel_late=True, now=LATER).run.state == Run.State.CANCELLED


def test_what_became_late_is_sent_still(run: Run) -> None:
    pause(run)

    assert resume(run, now=LATER).standing == Standing(held=5, waiting=5)
    assert len(claim(now=LATER)) == 5


def test_or_is_cancelled_and_whoever_was_due_goes_no_further(run: Run) -> None:
    pause(run)
    then = NOON + timedelta(days=3)

    done = resume(run, cancel_late=True, now=then)

    assert (done.cancelled, done.standing) == (5, Standing(cancelled=5))
    assert set(verdicts(run)) == {("cancelled", "late-after-pause")}
    assert (claim(now=then), runner.due(now=then)) == ([], [])
    assert Entry.objects.filter(left_at=then).count() == 5
    assert launch.finish_runs(now=then) == 1


def test_what_is_too_much_for_a_click_is_cancelled_first_and_then_the_run_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "AT_ONCE", 9)
    then = NOON + timedelta(days=3)
    pause(run)

    done = resume(run, cancel_late=True, now=then)

    assert (done.acted, done.cancelled, done.run.is_paused) == (True, 5, True)
    assert (claim(now=then), runner.due(now=then)) == ([], [])
    assert not resume(run, now=then).acted
    assert control.let_go(run.pk, clock=lambda: then)
    assert set(verdicts(run)) == {("cancelled", "late-after-pause")}
    assert Run.objects.get().state == Run.State.RUNNING
    assert (control.to_let_go(), launch.finish_runs(now=then)) == ([], 1)


def test_who_pauses_meanwhile_ends_that_and_is_asked_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "AT_ONCE", 4)
    pause(run)
    resume(run, cancel_late=True, now=LATER)

    assert pause(run, now=LATER).acted

    assert control.to_let_go() == []
    assert late.of(Run.objects.get(), now=LATER) == Late(texts=5)


def test_whoever_waits_for_longer_is_not_late_and_goes_on(run: Run) -> None:
    pause(run)

    resume(run, cancel_late=True, now=LATER)

    assert set(verdicts(run)) == {("cancelled", "late-after-pause"), ("waiting", "")}
    assert len(runner.due(now=NOON + timedelta(days=3))) == 1


# --- Stop -----------------------------------------------------------------------------------------


def test_a_stop_says_what_it_cancelled_and_what_is_in_flight(run: Run) -> None:
    runs.settle(run, number=1)
    delivery.permit(claim()[:1], now=NOON)

    done = control.stop(run.pk, by=make.user(), now=NOON)

    assert (done.cancelled, done.standing) == (3, Standing(went=1, flying=1, cancelled=3))


def test_a_large_run_stops_at_once_and_is_wound_up_after(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "AT_ONCE", 2)
    runs.settle(run, number=1)
    claimed = claim()

    done = control.stop(run.pk, by=make.user(), now=NOON)

    assert (done.cancelled, done.standing) == (4, Standing(went=1, cancelled=4))
    assert delivery.permit(claimed, now=NOON) == []
    assert control.to_wind_up() == [run.pk]
    assert control.wind_up(run.pk, clock=lambda: NOON)
    assert control.stop(run.pk, by=None, now=NOON).standing == done.standing
    assert not Verdict.objects.open().exists()
    delivery.put_back(delivery.leases(claimed))
    assert control.to_wind_up() == []


@pytest.mark.parametrize("state", Run.OPEN)
def test_a_run_is_stopped_from_any_state(run: Run, state: str) -> None:
    Run.objects.update(state=state)

    done = control.stop(run.pk, by=make.user(), now=NOON)

    assert (done.acted, done.run.state) == (True, Run.State.CANCELLED)
    assert not Verdict.objects.open().exists()


# --- Who did what ---------------------------------------------------------------------------------


def test_the_second_who_presses_reads_what_happened(run: Run) -> None:
    assert pause(run).acted

    again = control.pause(run.pk, by=make.user("ben"), now=SOON)

    assert (again.acted, again.run.paused_at, again.standing.held) == (False, NOON, 5)
    assert Intervention.objects.count() == 1


def test_each_deed_leaves_its_line_with_the_figures_that_were_shown(run: Run) -> None:
    pause(run)
    resume(run)
    control.stop(run.pk, by=make.user("ben"), now=LATER)

    lines = [
        (
            line.deed,
            str(line.by),
            line.at,
            line.reason,
            line.figures["held"],
            line.figures["cancelled_now"],
        )
        for line in run.interventions.order_by("pk")
    ]
    assert lines == [
        ("pause", "ada", NOON, "The price is wrong", 5, 0),
        ("resume", "ada", SOON, "", 5, 0),
        ("stop", "ben", LATER, "", 0, 5),
    ]


@pytest.mark.parametrize("deed", ["pause", "resume", "stop"])
def test_a_run_that_is_over_stays_as_it_is(run: Run, deed: str) -> None:
    Run.objects.update(state=Run.State.FINISHED)
    deeds = {
        "pause": lambda: pause(run),
        "resume": lambda: resume(run),
        "stop": lambda: control.stop(run.pk, by=None, now=NOON),
    }

    assert not deeds[deed]().acted
    assert (Run.objects.get().state, Intervention.objects.count()) == (Run.State.FINISHED, 0)
