"""Whatever is edited and whoever is moved, at any moment: one text a number and step, one verdict, sums that hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import control, editor, moving, results, run_steps, runner, versions
from campaigns.models import Campaign, Cohort, Entry, Run, SmsMessage, Verdict
from tests.campaigns import make
from tests.campaigns.test_runner import running
from tests.campaigns.views import runs
from vibes.models import OutboxRow, VibesList

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(400)]
PEOPLE = 4


@dataclass
class World:
    """A campaign, its runs, a clock; and of entries that were moved, the steps that were still before them."""

    campaign: Campaign
    message: SmsMessage
    offers: VibesList
    now: datetime = make.NOON
    ahead: dict[int, set[int]] = field(default_factory=dict)

    @property
    def runs(self) -> list[Run]:
        return list(Run.objects.filter(campaign=self.campaign))

    def step(self, place: int) -> Any:
        rows = list(self.campaign.steps.all())
        return rows[place % len(rows)] if rows else None


@pytest.fixture
def world() -> World:
    """Five people of whom two share a number, on a flow of a text, a wait with a choice, and a text."""
    offers = make.vibes_list()
    people = make.subscribers(offers, PEOPLE, city="Chicago")
    make.subscriber(offers, mobile=people[0].mobile, city="Chicago", first_name="Twin")
    message = make.approved_message()
    steps = [make.send(message, offers), make.wait(1), make.send(message, offers)]
    campaign = make.campaign(filters=[make.in_city()], steps=steps)
    twin = ("first_name", {"operator": "is", "value": "Twin"})
    make.choice(campaign.steps.all()[1], condition=twin, config={"amount": "3", "unit": "days"})
    running(campaign)
    return World(campaign, message, offers)


# --- What may happen ------------------------------------------------------------------------------


def text(at: World, place: int) -> None:
    make.step(at.campaign, make.send(at.message, at.offers))
    last(at, place)


def wait(at: World, place: int) -> None:
    make.step(at.campaign, make.wait(1 + place % 3))
    last(at, place)


def change(at: World, place: int) -> None:
    make.step(at.campaign, make.change("state", "IL"))
    last(at, place)


def last(at: World, place: int) -> None:
    """Bring what was added last somewhere else."""
    row = at.campaign.steps.all().last()
    assert row
    editor.move_step(row, to=place % (row.position + 1), by=make.user(), now=at.now)


def delete(at: World, place: int) -> None:
    if row := at.step(place):
        editor.delete_step(row, by=make.user(), now=at.now)


def reorder(at: World, place: int) -> None:
    if row := at.step(place):
        editor.move_step(row, to=(place * 7) % 4, by=make.user(), now=at.now)


def publish(at: World, place: int) -> None:
    if at.campaign.steps.exists():
        versions.publish(at.campaign, by=make.user(), now=at.now)


def move(at: World, place: int) -> None:
    """Publish and move from a version, whichever it is."""
    publish(at, place)
    rows = list(at.campaign.versions.all())
    version = rows[place % len(rows)]
    seen = moving.plan(version, by=make.user()).seen
    done = moving.move(version, seen=seen, by=make.user(), now=at.now)
    steps = [step.id for step in versions.flow_of(done.target).steps]
    for each in done.moving:
        for entry in Entry.objects.filter(cohort__in=[cohort.pk for cohort in each.cohorts]):
            at.ahead[entry.pk] = {*steps[each.position :]}


def again(at: World, place: int) -> None:
    """Another run, of the flow as it is drafted."""
    if len(at.runs) < 3 and at.campaign.steps.exists():
        running(at.campaign)


def advance(at: World, place: int) -> None:
    """One step of one cohort that is due."""
    if due := runner.due(now=at.now):
        runner.advance(due[place % len(due)], now=at.now)


def later(at: World, place: int) -> None:
    at.now += timedelta(hours=12 * (1 + place % 4))


def settle(at: World, place: int) -> None:
    for run in at.runs:
        runs.settle(run, number=1 + place)


def pause(at: World, place: int) -> None:
    run = at.runs[place % len(at.runs)]
    control.pause(run.pk, by=None, now=at.now)


def resume(at: World, place: int) -> None:
    run = at.runs[place % len(at.runs)]
    control.resume(run.pk, cancel_late=bool(place % 2), by=None, now=at.now)


DEEDS: list[Callable[[World, int], None]] = [
    *(text, wait, change, delete, reorder, publish, again, later, settle, pause, resume),
    *(move, move, advance, advance, advance),
]


# --- What holds -----------------------------------------------------------------------------------


def holds(at: World) -> None:
    """P1, P2 and P4, at this moment."""
    texts = OutboxRow.objects.values_list("run_id", "step_id", "mobile").annotate(n=Count("pk"))
    assert {n for *_, n in texts.order_by()} <= {1}
    assert not Verdict.objects.filter(state=Verdict.State.FAILED).exists()
    for run in at.runs:
        assert results.counts(run) == results.recount(run)
        assert sum(each.entered for each in results.sums(run)) == run.verdicts.count()
        assert set(run.verdicts.values_list("step_id", flat=True)) <= run_steps.of(run).keys()


def finish(at: World) -> None:
    """All go on to the end."""
    for run in at.runs:
        control.resume(run.pk, cancel_late=False, by=None, now=at.now)
    at.now += timedelta(days=4)
    while due := runner.due(now=at.now):
        for cohort in due:
            runner.advance(cohort, now=at.now)
        at.now += timedelta(days=4)


def ended(at: World) -> None:
    """Everybody is through, with a verdict that is not waiting at each step that was before them."""
    assert not Cohort.objects.exclude(state=Cohort.State.DONE).exists()
    assert not Verdict.objects.filter(state=Verdict.State.WAITING).exists()
    for run in at.runs:
        whole = {step.id for step in versions.flow_of(run.version).steps}
        for entry in run.entries.filter(left_at=None):
            reached = set(entry.verdicts.values_list("step_id", flat=True))
            assert reached >= at.ahead.get(entry.pk, whole)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(done=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 5)), min_size=4, max_size=16))
def test_everybody_meets_each_step_once_and_all_adds_up(
    world: World, done: list[tuple[Callable[[World, int], None], int]]
) -> None:
    with transaction.atomic():
        at = World(Campaign.objects.get(), world.message, world.offers)
        for deed, place in done:
            deed(at, place)
            holds(at)
        finish(at)
        holds(at)
        ended(at)
        transaction.set_rollback(True)
