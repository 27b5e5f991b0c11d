"""A step that fails or kills whoever takes it: the one who cannot go on stands alone, nobody else fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from django.db import OperationalError, connections

from campaigns import enrolling, failing, launch, runner
from campaigns.audience import people as audience
from campaigns.models import Cohort, Run
from campaigns.steps.change_data_value import ChangeDataValue
from campaigns.versions import flow_of
from people.models import Person
from tests.campaigns import make
from tests.crash import forks
from tests.people.make import person

NOON = make.NOON
Act = Callable[[], None]
MOMENT = failing.APART + timedelta(seconds=1)


def start(*names: str, step: make.Settings | None = None) -> Run:
    """A run of one step over these people; unless another is given, it changes their score."""
    for name in names:
        person(first_name=name, city="Chicago")
    campaign = make.campaign(filters=[make.in_city()], steps=[step or make.change("score", "5")])
    run = make.run(campaign)
    smart_list = flow_of(run.version).smart_list
    run.entered = enrolling.enrol(run, audience(smart_list, now=NOON), now=NOON)
    run.state = Run.State.RUNNING
    run.save()
    return run


def verdicts(run: Run) -> dict[str, str]:
    return dict(run.verdicts.values_list("person__first_name", "state"))


def poisoned(monkeypatch: pytest.MonkeyPatch, act: Act, *, who: str = "Eve") -> None:
    """Let `act` happen whenever the step takes this person."""
    whole = ChangeDataValue.execute

    def execute(self, people, params, context):  # type: ignore[no-untyped-def]
        if people.filter(first_name=who).exists():
            act()
        return whole(self, people, params, context)

    monkeypatch.setattr(ChangeDataValue, "execute", execute)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deaths(now: datetime = NOON, *, at_most: int = 50) -> int:
    """Let workers, each a process, take what is due until nothing is; how many of them died."""

    def take() -> None:
        for cohort in runner.due(now=now):
            runner.advance(cohort, now=now)

    died = 0
    while runner.due(now=now):
        connections.close_all()  # the child makes its own
        died += forks.status(take) == -signal.SIGKILL
        assert died <= at_most
        now += MOMENT
    return died


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_who_kills_every_worker_stands_alone_and_the_rest_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poisoned(monkeypatch, die)
    run = start("Ana", "Ben", "Eve", "Joe", "Zoe")

    died = deaths()
    launch.finish_runs(now=NOON)

    run.refresh_from_db()
    rest = dict.fromkeys(("Ana", "Ben", "Joe", "Zoe"), "done")
    assert verdicts(run) == {**rest, "Eve": "failed"}
    assert (died, run.state) == (failing.TRIES + 1 + failing.TRIES, Run.State.FINISHED)
    assert "died" in run.verdicts.get(state="failed").detail


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_whoever_is_hit_by_chance_twice_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def die_twice() -> None:
        times = len(list(tmp_path.iterdir()))
        if times < failing.TRIES - 1:
            (tmp_path / str(times)).touch()
            die()

    poisoned(monkeypatch, die_twice)
    run = start("Eve")

    assert deaths() == failing.TRIES - 1
    assert verdicts(run) == {"Eve": "done"}
    assert Cohort.objects.get().attempts == 0


@pytest.mark.django_db
def test_who_begin_together_are_not_taken_for_deaths() -> None:
    start("Ana")
    cohort = Cohort.objects.get()

    begun = [failing.begin(cohort.pk, now=NOON) for _ in range(5)]

    assert [each is not None for each in begun] == [True, False, False, False, False]
    cohort.refresh_from_db()
    assert cohort.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_look_at_the_same_moment_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    start("Ana")
    looked, is_due = Barrier(2), Cohort.is_due

    def both_looked(self: Cohort, now: datetime) -> bool:
        looked.wait(30)
        return is_due(self, now)

    monkeypatch.setattr(Cohort, "is_due", both_looked)
    begin = closing(partial(failing.begin, Cohort.objects.get().pk, now=NOON))
    with ThreadPoolExecutor(2) as pool:
        begun = [each.result() for each in (pool.submit(begin), pool.submit(begin))]

    assert sorted(each is not None for each in begun) == [False, True]


def closing(act: Callable[[], Cohort | None]) -> Callable[[], Cohort | None]:
    """Do it and close this thread's connection."""

    def acted() -> Cohort | None:
        try:
            return act()
        finally:
            connections.close_all()

    return acted


@pytest.mark.django_db
def test_who_wakes_after_another_began_changes_nothing() -> None:
    run = start("Ana")
    frozen = failing.begin(Cohort.objects.get().pk, now=NOON)
    assert frozen is not None

    failing.begin(frozen.pk, now=NOON + MOMENT)

    assert runner._advance(frozen, NOON) is runner.Next.REST
    assert verdicts(run) == {}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stumbles_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble() -> None:
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as meanwhile:
        poisoned(meanwhile, stumble)
        run = start("Eve")
        for _ in range(2 * failing.TRIES):
            with pytest.raises(OperationalError):
                runner.advance(Cohort.objects.get().pk, now=NOON)

    assert Cohort.objects.get().attempts == 0
    runner.advance(Cohort.objects.get().pk, now=NOON)
    assert verdicts(run) == {"Eve": "done"}


@pytest.mark.django_db
def test_a_run_that_stands_still_counts_no_attempt() -> None:
    run = start("Ana")
    cohort = failing.begin(Cohort.objects.get().pk, now=NOON)
    assert cohort is not None
    Run.objects.update(state=Run.State.ASKING)

    assert runner._advance(cohort, NOON) is runner.Next.REST
    kept = Cohort.objects.get()
    assert (kept.attempts, kept.due_at, kept.position) == (0, None, 0)
    assert verdicts(run) == {}


@pytest.mark.django_db
def test_who_stands_alone_is_tried_three_times_whatever_came_before() -> None:
    start("Ana", "Ben")
    Cohort.objects.update(attempts=failing.TRIES)

    failing.begin(Cohort.objects.order_by("pk")[0].pk, now=NOON)

    assert list(Cohort.objects.order_by("pk").values_list("attempts", flat=True)) == [1, 0]
    assert Person.objects.filter(score=5).count() == 0


@pytest.mark.django_db
def test_who_kills_every_worker_behind_the_last_step_is_through() -> None:
    run = start("Ana", step=make.wait(1, "hours"))
    runner.advance(Cohort.objects.get().pk, now=NOON)
    Cohort.objects.update(attempts=failing.TRIES)

    runner.advance(Cohort.objects.get().pk, now=NOON + timedelta(hours=2))
    launch.finish_runs(now=NOON)

    run.refresh_from_db()
    assert (verdicts(run), run.state) == ({"Ana": "done"}, Run.State.FINISHED)
