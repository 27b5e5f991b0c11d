"""May this run? Publish, pin the version, find the people, ask Vibes about unknown numbers, let go."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from people.models import Person
from people.models.setting import declare
from vibes import gate, mirror, outbox, senders
from vibes.client import Client, VibesError
from vibes.models import OutboxRow, VibesList

from . import audience, enrolling, versions
from .content import FlowSpec
from .models import Campaign, Cohort, Run, Verdict
from .registry import steps

log = structlog.get_logger(__name__)
SLICE = 400  # numbers asked between two looks at the clock, some seconds at Vibes' rate
LEASE = timedelta(seconds=60)
GIVE_UP = timedelta(minutes=2)  # of no answer about a number, while Vibes is there
CONFIRM_ABOVE = declare(
    "confirm_above",
    default=1_000,
    help="Before a run of more people than this, their number must be typed.",
)
Clock = Callable[[], datetime]


def new_token() -> str:
    """A start token that nobody else has: the same token is the same run, however often it is used."""
    return secrets.token_urlsafe(24)


def start_token(campaign: Campaign) -> str:
    """The start token of a campaign's next run, for a form: the same in every tab and for everybody."""
    newest = campaign.runs.order_by("-pk").values_list("pk", flat=True).first()
    return f"campaign-{campaign.pk}-after-{newest or 0}"


@transaction.atomic
def start(campaign: Campaign, *, token: str, by: Any, now: datetime) -> Run:
    """Publish the draft and start one run of it. The same token again gives the run it started.

    Raises versions.NotReady on the first red step. The run finds its people when `prepare` is
    called, soon after.
    """
    existing = Run.objects.filter(token=token).first()
    if existing:
        return existing
    version = versions.publish(campaign, by=by, now=now)
    run, _ = Run.objects.get_or_create(
        token=token,
        defaults={
            "campaign": campaign,
            "version": version,
            "started_by": by,
            "started_at": now,
        },
    )
    return run


def to_prepare(*, now: datetime) -> list[int]:
    """Runs that nobody is preparing just now."""
    early = [Run.State.ENROLLING, Run.State.ASKING]
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return list(Run.objects.filter(free, state__in=early).values_list("pk", flat=True))


def prepare(run_id: int, *, clock: Clock, budget: float = 20.0) -> Run.State:
    """Bring a run from its launch to running, as far as `budget` seconds reach; say where it stands.

    One at a time a run: whoever holds its lease. Interrupted anywhere, the next call goes on.
    """
    if not _take(run_id, clock()):
        return Run.State(Run.objects.values_list("state", flat=True).get(pk=run_id))
    run = Run.objects.select_related("version").get(pk=run_id)
    try:
        if run.state == Run.State.ENROLLING:
            _enrol(run, clock())
        if run.state == Run.State.ASKING and _ask(run, clock, clock() + timedelta(seconds=budget)):
            _let_go(run)
    finally:
        Run.objects.filter(pk=run_id).update(lease_until=None)
    run.refresh_from_db(fields=["state"])
    return Run.State(run.state)


def _take(run_id: int, now: datetime) -> bool:
    free = Run.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=run_id)
    early = free.filter(state__in=[Run.State.ENROLLING, Run.State.ASKING])
    return bool(early.update(lease_until=now + LEASE))


@transaction.atomic
def _enrol(run: Run, now: datetime) -> None:
    here = Run.objects.filter(pk=run.pk, state=Run.State.ENROLLING)
    if not here.update(state=Run.State.ASKING):
        return
    flow = versions.flow_of(run.version)
    run.entered = enrolling.enrol(run, audience.people(flow.smart_list, now=now), now=now)
    run.to_ask = sum(_unknown(run, each).count() for each in lists_to_ask(flow))
    run.state, run.asked_at = Run.State.ASKING, now
    run.save(update_fields=["entered", "to_ask", "asked_at"])


def lists_to_ask(flow: FlowSpec) -> list[VibesList]:
    """The Vibes lists on which the flow's steps need to know who is a member."""
    found = {
        value.pk: value
        for step in flow.steps
        if steps.get(step.kind).asks_membership
        for branch in step.branches
        if not branch.does_nothing
        for value in vars(steps.get(step.kind).thaw(branch.config)).values()
        if isinstance(value, VibesList)
    }
    return list(found.values())


def _unknown(run: Run, vibes_list: VibesList) -> QuerySet[Person, str]:
    """The numbers of a run about which Vibes was never asked and nothing else stands against a text."""
    entered = Exists(run.entries.filter(person=OuterRef("pk")))
    why = gate.reason(action=OutboxRow.Action.TEXT, vibes_list=vibes_list)
    textable = Person.objects.filter(entered).annotate(why=why)
    only_unknown = textable.filter(why=gate.Reason.MEMBERSHIP_UNKNOWN)
    return mirror.unknown_mobiles(only_unknown, vibes_list)


def _ask(run: Run, clock: Clock, ends: datetime) -> bool:
    """Ask Vibes about every unknown number, list by list; say whether all was answered."""
    flow = versions.flow_of(run.version)
    for vibes_list in lists_to_ask(flow):
        try:
            with Client(vibes_list.account, slots=40) as client:
                senders.ensure_sender(vibes_list, client, clock())
                for _answered in _ask_slices(run, vibes_list, client, clock):
                    if clock() > ends:
                        return False
        except (VibesError, senders.SenderConflict) as fault:
            log.warning("a run waits for Vibes", run=run.pk, fault=str(fault))
            Run.objects.filter(pk=run.pk).update(fault=str(fault)[:255], asked_at=clock())
            return False
        if _unknown(run, vibes_list).exists() and not _is_in_vain(run, clock()):
            return False
    return True


def _is_in_vain(run: Run, now: datetime) -> bool:
    """Whether Vibes is there, but has answered about nobody for a while: what is left gets no answer.

    Those go on with the verdict *membership-unknown*, rather than hold up all the others.
    """
    run.refresh_from_db(fields=["asked_at"])
    return run.asked_at is not None and now - run.asked_at > GIVE_UP


def _ask_slices(run: Run, vibes_list: VibesList, client: Client, clock: Clock) -> Iterator[int]:
    while mobiles := list(_unknown(run, vibes_list)[:SLICE]):
        answered = mirror.ask(vibes_list, mobiles, client, clock())
        Run.objects.filter(pk=run.pk).update(lease_until=clock() + LEASE)
        if not answered:
            return
        Run.objects.filter(pk=run.pk).update(
            asked=F("asked") + answered, asked_at=clock(), fault=""
        )
        yield answered


def _let_go(run: Run) -> None:
    Run.objects.filter(pk=run.pk, state=Run.State.ASKING).update(state=Run.State.RUNNING)


def finish_runs(*, now: datetime) -> int:
    """Call runs finished in which nobody moves any more and every verdict is final; say how many."""
    moving = Cohort.objects.filter(run=OuterRef("pk")).exclude(state=Cohort.State.DONE)
    open_ = Verdict.objects.open().filter(run=OuterRef("pk"))
    running = Run.objects.filter(state=Run.State.RUNNING)
    return running.filter(~Exists(moving), ~Exists(open_)).update(
        state=Run.State.FINISHED, finished_at=now
    )


@transaction.atomic
def stop(run: Run, *, now: datetime) -> int:
    """Stop a run for good: nobody moves on, what has not left is cancelled. Says how many texts that saved."""
    stopped = Run.objects.filter(pk=run.pk, state__in=Run.OPEN)
    if not stopped.update(state=Run.State.CANCELLED, finished_at=now):
        return 0
    Cohort.objects.filter(run=run).update(state=Cohort.State.DONE, due_at=None)
    Verdict.objects.filter(run=run, state=Verdict.State.WAITING).update(
        state=Verdict.State.CANCELLED, reason=gate.Reason.STOPPED, at=now
    )
    return outbox.cancel_run(run.pk, reason=gate.Reason.STOPPED, now=now)


def open_runs(campaign: Campaign) -> QuerySet[Run]:
    """Runs of a campaign that are not over."""
    return campaign.runs.filter(state__in=Run.OPEN)
