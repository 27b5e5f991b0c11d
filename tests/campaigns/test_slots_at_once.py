"""Many who start, cancel and plan at the same moment: each slot has one run at most (I13)."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from campaigns import schedule
from campaigns.models import Campaign, Run, Slot
from tests.campaigns import make

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("many_connections"),
]
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
DUE = NOON + timedelta(days=1)
TWO_O_CLOCK = datetime(2026, 6, 1, 14, 0)  # noqa: DTZ001
BEATS, STARTS, SLOTS = 2, 50, 100


@pytest.fixture
def campaign() -> Campaign:
    return make.ready_campaign()


def plan(campaign: Campaign, number: int = 0) -> Slot:
    local = TWO_O_CLOCK + timedelta(minutes=number)
    return schedule.plan(campaign, local=local, zone="America/Chicago", by=make.user(), now=NOON)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all of these in threads with connections of their own, begun together; their answers."""
    ready = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> object:
        ready.wait()
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def test_two_beats_and_fifty_starts_over_a_hundred_slots_are_a_hundred_runs(
    campaign: Campaign,
) -> None:
    slots = [plan(campaign, number).pk for number in range(SLOTS)]
    schedule.GRACE.set(24 * 60)

    def beat() -> None:
        for slot_id in schedule.due(now=DUE):
            schedule.start(slot_id, now=DUE)

    def start_some() -> None:
        for slot_id in random.sample(slots, k=10):
            schedule.start(slot_id, now=DUE)

    at_once(*[beat] * BEATS, *[start_some] * STARTS)

    assert Run.objects.count() == SLOTS
    assert set(Slot.objects.values_list("state", flat=True)) == {"started"}
    assert set(Slot.objects.values_list("run", flat=True)) == set(
        Run.objects.values_list("pk", flat=True)
    )


def test_fifty_who_confirm_a_missed_slot_get_the_same_run(campaign: Campaign) -> None:
    slot = plan(campaign)
    schedule.start(slot.pk, now=DUE)
    ada = make.user()

    runs = at_once(*[lambda: schedule.confirm_missed(slot, by=ada, now=DUE).pk] * STARTS)

    assert runs == [Run.objects.get().pk] * STARTS


def test_whoever_confirms_and_whoever_skips_one_of_them_wins(campaign: Campaign) -> None:
    for number in range(10):
        slot = plan(campaign, number)
        schedule.start(slot.pk, now=DUE)
        at_once(partial(_confirm, slot), partial(_skip, slot))

        slot.refresh_from_db()
        assert (slot.state, slot.run is not None) in {("started", True), ("skipped", False)}


def _confirm(slot: Slot) -> None:
    try:
        schedule.confirm_missed(Slot.objects.get(pk=slot.pk), by=None, now=DUE)
    except schedule.AlreadyDecided:
        return


def _skip(slot: Slot) -> None:
    try:
        schedule.skip_missed(Slot.objects.get(pk=slot.pk), by=None, now=DUE)
    except schedule.AlreadyDecided:
        return


def test_planning_the_same_time_fifty_times_at_once_is_one_slot(campaign: Campaign) -> None:
    make.user()

    slots = at_once(*[lambda: plan(campaign).pk] * STARTS)

    assert set(slots) == {Slot.objects.get().pk}
    assert campaign.versions.count() == 1


def test_whoever_plans_and_cancels_while_it_starts_waits_for_nobody_for_ever(
    campaign: Campaign,
) -> None:
    """Each locks the campaign first and its slots then: no two wait for each other."""
    schedule.GRACE.set(24 * 60)
    make.user()
    slots = [plan(campaign, number) for number in range(10)]
    deeds: list[Callable[[], object]] = []
    for number, slot in enumerate(slots):
        deeds += [
            partial(plan, campaign, number),
            partial(schedule.start, slot.pk, now=DUE),
            partial(_cancel, slot),
        ]

    at_once(*[partial(_or_too_late, deed) for deed in deeds])

    states = set(Slot.objects.values_list("state", flat=True))
    assert states <= {"planned", "started", "cancelled"}
    assert Run.objects.count() == Slot.objects.filter(state="started").count()


def _or_too_late(deed: Callable[[], object]) -> None:
    try:
        deed()
    except schedule.CannotPlan:
        return


def _cancel(slot: Slot) -> None:
    try:
        schedule.cancel(Slot.objects.get(pk=slot.pk), by=None, now=NOON)
    except schedule.AlreadyDecided:
        return
