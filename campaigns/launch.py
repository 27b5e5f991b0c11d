"""May this run? Publish, pin the version, find the people, have Vibes asked about unknown numbers, let go."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from people.crashpoint import crashpoint
from people.models import PersonQuerySet
from people.models.setting import declare
from vibes import census

from . import asking, audience, enrolling, limits, missed, sources, versions
from .asking import LEASE, Clock
from .content import FlowSpec
from .models import Campaign, Cohort, FlowVersion, Run, Verdict
from .problems import Problem

CONFIRM_ABOVE = declare(
    "confirm_above",
    default=1_000,
    help="Before a run of more people than this, their number must be typed.",
)


def new_token() -> str:
    """A start token that nobody else has: the same token is the same run, however often it is used."""
    return secrets.token_urlsafe(24)


def start_token(campaign: Campaign) -> str:
    """The start token of a campaign's next run, for a form: the same in every tab and for everybody."""
    newest = campaign.runs.order_by("-pk").values_list("pk", flat=True).first()
    return f"campaign-{campaign.pk}-after-{newest or 0}"


def start(
    campaign: Campaign, *, token: str, by: Any, now: datetime, version: FlowVersion | None = None
) -> Run:
    """As `begin`: the run of this token, whether it was begun now or before."""
    run, _ = begin(campaign, token=token, by=by, now=now, version=version)
    return run


@transaction.atomic
def begin(
    campaign: Campaign, *, token: str, by: Any, now: datetime, version: FlowVersion | None = None
) -> tuple[Run, bool]:
    """Start one run of a version, the one that was pinned before, or the draft, which is published; say
    whether it is new.

    The same token again, by whomever and however often at once, gives the run it started. Raises
    versions.NotReady on the first red step, when something that is published stands against what
    Vibes offers today, and when more people would enter than may. The run finds its people when
    `prepare` is called, soon after.
    """
    if existing := campaign.runs.filter(token=token).first():
        return existing, False
    if version is None:
        version = pin(campaign, by=by, now=now)
    else:
        _check(version)
    if campaign.runs.active().exists():
        raise versions.NotReady([_active_still()])
    _refuse_too_many(campaign, version, now)
    return campaign.runs.get_or_create(
        token=token,
        defaults={"version": version, "started_by": by, "started_at": now},
    )


def not_run(campaign: Campaign) -> list[Problem]:
    """Why a campaign is not run as a batch, by what it is now: it has a trigger, or people enter still."""
    if campaign.smart_list.triggers.exists():
        return [_activated_instead()]
    if campaign.runs.active().exists():
        return [_active_still()]
    return []


def _active_still() -> Problem:
    words = _("It is active: people enter by its trigger. Deactivate it before you run it.")
    return Problem(words, "schedule", "activation")


def _activated_instead() -> Problem:
    words = _("It has a trigger, so it is not run but activated: people enter one by one.")
    return Problem(words, "schedule", "activation")


def _refuse_too_many(campaign: Campaign, version: FlowVersion, now: datetime) -> None:
    people = audience.people(versions.flow_of(version).smart_list, now=now)
    if words := limits.refusal(campaign, people.count()):
        raise versions.NotReady([Problem(words, "schedule", "person-limit")])


def pin(campaign: Campaign, *, by: Any, now: datetime) -> FlowVersion:
    """The version that a run of the draft would have: published where it is not yet. Raises NotReady, of a
    triggered one before it is published."""
    if problems := not_run(campaign):
        raise versions.NotReady(problems)
    version = versions.publish(campaign, by=by, now=now)
    _check(version)
    return version


def _check(version: FlowVersion) -> None:
    if versions.flow_of(version).is_triggered:
        raise versions.NotReady([_activated_instead()])
    if obstacles := versions.obstacles(version):
        raise versions.NotReady(obstacles)


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
    run = Run.objects.select_related("version", "campaign", "retry_of").get(pk=run_id)
    try:
        if run.state == Run.State.ENROLLING:
            _enrol(run, clock())
        if run.state == Run.State.ASKING and asking.ask(
            run, clock=clock, ends=clock() + timedelta(seconds=budget)
        ):
            _let_go(run)
    finally:
        Run.objects.filter(pk=run_id).update(lease_until=None)
    run.refresh_from_db(fields=["state"])
    return Run.State(run.state)


def _take(run_id: int, now: datetime) -> bool:
    free = Run.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=run_id)
    early = free.filter(state__in=[Run.State.ENROLLING, Run.State.ASKING])
    return bool(early.update(lease_until=now + LEASE))


def _enrol(run: Run, now: datetime) -> None:
    """Freeze the audience. Where it has grown beyond what may enter, nobody does, and the run says so."""
    try:
        _freeze(run, now)
    except _MayNotEnter as found:
        refused = Run.objects.filter(pk=run.pk, state=Run.State.ENROLLING)
        over = {"chosen": sources.forgotten(run.chosen), "finished_at": now}
        refused.update(state=Run.State.REFUSED, fault=found.words[:255], **over)


class _MayNotEnter(Exception):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@transaction.atomic
def _freeze(run: Run, now: datetime) -> None:
    here = Run.objects.filter(pk=run.pk, state=Run.State.ENROLLING)
    if not here.update(state=Run.State.ASKING):
        return
    flow = versions.flow_of_run(run)
    with census.gathered(_who(run, flow, now)) as gathered:
        if words := limits.refusal(run.campaign, gathered.count):
            raise _MayNotEnter(words)
        run.entered = enrolling.enter(run, gathered, now=now)
        run.to_ask = sum(gathered.unknown(each) for each in asking.lists_to_ask(flow))
    if run.retry_of_id:
        missed.remember(run)
    run.state, run.asked_at = Run.State.ASKING, now
    run.chosen = sources.forgotten(
        run.chosen
    )  # they are in: what they were found by may name somebody
    run.save(update_fields=["entered", "to_ask", "asked_at", "chosen"])
    crashpoint("run-frozen")


def _who(run: Run, flow: FlowSpec, now: datetime) -> PersonQuerySet:
    """Everybody who belongs in it. Raises _MayNotEnter."""
    if not run.retry_of_id:
        return _people(run, flow, now)
    # Two retries of one run at once: the second finds whom the first has taken.
    Run.objects.select_for_update(no_key=True).get(pk=run.retry_of_id)
    return missed.people_of(run)


def _people(run: Run, flow: FlowSpec, now: datetime) -> PersonQuerySet:
    """Whom the smart list finds, or whom somebody chose for a single flow action."""
    if not run.chosen:
        return audience.people(flow.smart_list, now=now)
    try:
        return sources.from_json(run.chosen).people(now=now)
    except sources.NoSuchPeople as gone:
        raise _MayNotEnter(str(gone)) from gone


def _let_go(run: Run) -> None:
    Run.objects.filter(pk=run.pk, state=Run.State.ASKING).update(state=Run.State.RUNNING)


def finish_runs(*, now: datetime) -> int:
    """Call runs finished in which nobody moves any more and every verdict is final, and into which nobody
    comes; say how many."""
    moving = Cohort.objects.filter(run=OuterRef("pk")).exclude(state=Cohort.State.DONE)
    open_ = Verdict.objects.open().filter(run=OuterRef("pk"))
    shut = Q(is_triggered=False) | Q(deactivated_at__isnull=False)
    running = Run.objects.filter(shut, state=Run.State.RUNNING)
    return running.filter(~Exists(moving), ~Exists(open_)).update(
        state=Run.State.FINISHED, finished_at=now
    )


def open_runs(campaign: Campaign) -> QuerySet[Run]:
    """Runs of a campaign that are not over."""
    return campaign.runs.filter(state__in=Run.OPEN)
