"""Pause and stop while others are at it: nobody waits for each other in a circle, and nothing slips through."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

import pytest
from django.db import transaction

from campaigns import brake, control, failing, runner, standing
from campaigns.models import Cohort, Run
from people import editing
from people.models import Person
from tests.campaigns import make
from tests.campaigns.test_runner import running
from tests.campaigns.views import runs
from tests.elsewhere import Elsewhere
from vibes import claiming, delivery
from vibes.models import Account, OutboxRange, OutboxRow

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
]
NOON = runs.NOON


@pytest.fixture
def run() -> Run:
    offers = make.vibes_list()
    make.subscribers(offers, 4, city="Chicago")
    return running(
        make.campaign(filters=[make.in_city()], steps=[make.send(make.approved_message(), offers)])
    )


def pause(run: Run) -> control.Handled:
    return control.pause(run.pk, by=None, now=NOON)


def stop(run: Run) -> control.Handled:
    return control.stop(run.pk, by=None, now=NOON)


def queue(run: Run) -> None:
    runner.advance(Cohort.objects.get(run=run).pk, now=NOON)


def claim() -> list[OutboxRow]:
    return delivery.claim(Account.objects.get(), actions=["text"], limit=500, now=NOON)


def permit() -> list[OutboxRow]:
    return delivery.permit(claim(), now=NOON)


def also(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, deed: Callable[[], Any]) -> None:
    """Let it be done each time when what stands there is done, before its transaction ends."""
    whole = getattr(where, name)

    def done(*args: Any, **kwargs: Any) -> Any:
        found = whole(*args, **kwargs)
        deed()
        return found

    monkeypatch.setattr(where, name, done)


@pytest.mark.parametrize("deed", [pause, stop])
def test_who_comes_while_a_cohort_advances_waits_for_it(
    run: Run, deed: Callable[[Run], control.Handled], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = list[Elsewhere]()

    def come() -> None:
        others.append(Elsewhere(lambda: deed(run)))
        sleep(0.4)

    also(monkeypatch, runner._Visit, "_write", come)
    queue(run)

    assert others[0].wait().acted
    assert permit() == []


def test_the_new_half_of_a_cohort_is_paused_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Cohort.objects.get(run=run)
    lock, others = control.lock, list[Elsewhere]()

    def lock_and_let_the_new_half_come(run_id: int) -> Run:
        found = lock(run_id)
        half = Cohort.objects.exclude(pk=first.pk).get()
        others.append(Elsewhere(lambda: runner.advance(half.pk, now=NOON)))
        sleep(0.3)
        return found

    monkeypatch.setattr(control, "lock", lock_and_let_the_new_half_come)
    also(monkeypatch, runner._Visit, "_write", lambda: sleep(0.8))
    with halving(first) as go:
        go.set()
        pause(run)
    others[0].wait()

    assert permit() == []
    assert not OutboxRange.objects.filter(held=False).exists()


@contextmanager
def halving(cohort: Cohort) -> Iterator[threading.Event]:
    """It is being halved by somebody, who goes on a while after the event."""
    begun, go = threading.Event(), threading.Event()

    def halve() -> None:
        with transaction.atomic():
            failing.divide(cohort, "died", now=NOON)
            begun.set()
            go.wait(5)
            sleep(0.3)

    other = Elsewhere(halve)
    begun.wait(5)
    yield go
    other.wait()


def test_a_pause_and_a_permit_over_two_ranges_lock_in_one_order(run: Run) -> None:
    queue(run)
    early = OutboxRange.objects.get()
    late = OutboxRange.objects.get()
    late.pk = None
    late.save()
    OutboxRow.objects.filter(pk=OutboxRow.objects.latest("pk").pk).update(range=late)
    rows = claim()
    for state in ("ready", "claimed"):  # put back and claimed again: it lies behind the other now
        OutboxRange.objects.filter(pk=early.pk).update(state=state)

    with transaction.atomic():
        OutboxRange.objects.select_for_update().get(pk=early.pk)
        sender = Elsewhere(lambda: delivery.permit(rows, now=NOON))
        sleep(0.3)
        other = Elsewhere(lambda: pause(run))
        sleep(0.3)

    assert len(sender.wait()) == 4
    assert other.wait().acted


def test_what_is_said_of_a_pause_of_everything_is_how_it_stands(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(run)
    others = list[Elsewhere]()
    also(monkeypatch, brake, "_record", lambda: others.append(Elsewhere(permit)))

    done = brake.pause(by=make.user(), why="Carrier incident", now=NOON)

    assert others[0].wait() == []
    assert done.standing == standing.of([run.pk])


def test_nobody_is_permitted_who_is_being_barred(run: Run) -> None:
    queue(run)
    rows, ana = claim(), Person.objects.order_by("pk")[0]
    with transaction.atomic():
        editing.change(ana, {"block_listed": True}, by="Ada", now=NOON)
        permitted = Elsewhere(lambda: delivery.permit(rows, now=NOON)).wait()

    assert ana.pk not in {row.person_id for row in permitted}
    assert len(permitted) == 3
    assert delivery.permit(rows, now=NOON) == []
    assert OutboxRow.objects.get(person=ana).reason == "block-listed"


def test_who_bars_somebody_waits_for_the_permit_under_way(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(run)
    ana, others = Person.objects.order_by("pk")[0], list[Elsewhere]()

    def bar() -> None:
        change = lambda: editing.change(ana, {"block_listed": True}, by="Ada", now=NOON)  # noqa: E731
        others.append(Elsewhere(change))
        sleep(0.3)
        assert not others[0].is_over()

    also(monkeypatch, claiming, "_refused", bar)

    assert len(permit()) == 4
    assert others[0].wait()
