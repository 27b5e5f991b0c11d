"""Sweeps: every number we know compared with Vibes, slice after slice, through any restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from people import suppression
from people.models.setting import declare
from vibes import drifts, rate, roll, standing
from vibes.client import Client, Refused, Retryable, VibesError
from vibes.models import Account, AcquisitionCampaign, Subscription, Sweep, VibesList
from vibes.standing import Feeds, Question, Standing

log = structlog.get_logger(__name__)
State = Sweep.State
Clock = Callable[[], datetime]
SLICE = 50
SLOTS = 10
# Longer than a slice takes when every call runs into its time limit.
LEASE = timedelta(minutes=5)
PAUSE = timedelta(minutes=1)
LOOKS_BACK = timedelta(days=2)
NIGHTLY_HOUR = declare(
    "nightly_sweep_hour",
    default=3,
    help="The hour (0 to 23, in the site's time zone) from which the nightly sweep may start.",
)


def start(
    account: Account, *, by: str, now: datetime, changed_since: datetime | None = None
) -> Sweep:
    """Begin to compare all numbers, or those that changed since a time or wait for an answer.

    `by` is who wanted it. While one is running, that one is returned.
    """
    wanted = {"changed_since": changed_since, "started_by": by[:150], "started_at": now}
    sweep, _ = Sweep.objects.get_or_create(account=account, state=State.RUNNING, defaults=wanted)
    return sweep


def stop(sweep: Sweep, *, now: datetime) -> bool:
    """End a running sweep where it is; what was found stays. Says whether it was running."""
    running = Sweep.objects.filter(pk=sweep.pk, state=State.RUNNING)
    return bool(running.update(state=State.STOPPED, **_ended(now)))


def to_continue(now: datetime) -> QuerySet[Sweep]:
    """Running sweeps of services that are not held, on which nobody works, and whose pause is over."""
    open_ = Sweep.objects.filter(account__held_until=None)
    return open_.filter(_free(now), state=State.RUNNING).order_by("pk")


def start_nightly(now: datetime) -> list[Sweep]:
    """Begin tonight's sweeps of what changed lately or waits, once its hour has come; those begun.

    Callbacks may get lost, so nobody may trust in having heard everything.
    """
    local = timezone.localtime(now)
    due_at = local.replace(hour=NIGHTLY_HOUR.get(), minute=0, second=0, microsecond=0)
    if local < due_at:
        return []
    done = Sweep.objects.filter(
        Q(started_by=Sweep.NIGHTLY, started_at__gte=due_at) | Q(state=State.RUNNING)
    )
    due = Account.objects.exclude(synced_at=None).exclude(pk__in=done.values("account"))
    return [start(each, by=Sweep.NIGHTLY, now=now, changed_since=now - LOOKS_BACK) for each in due]


def advance(sweep_id: int, *, clock: Clock, budget: float = 20.0) -> bool:
    """Go on with a sweep for about `budget` seconds; says whether to ring for it again at once.

    One worker at a time: whoever holds the lease. When Vibes is away or refuses our login, the sweep
    keeps its place, says why, and may be taken up a minute later.
    """
    sweep = _take(sweep_id, clock())
    if sweep is None:
        return False
    ends, goes_on = monotonic() + budget, True
    try:
        with asking(sweep.account) as client:
            while goes_on and monotonic() < ends:
                goes_on = _advance_a_slice(sweep, client, clock)
    except VibesError as fault:
        _pause(sweep, fault, clock())
        return False
    _ours(sweep).update(lease_until=None)
    return goes_on


def asking(account: Account) -> Client:
    """A sweep gives way to whatever cannot wait."""
    kind = rate.Kind.BACKGROUND
    return Client(account, slots=SLOTS, kind=kind, patience=standing.PATIENCE)


def reconcile(account: Account, client: Client, now: datetime) -> Sweep:
    """Compare everything here and now, in one go; returns the finished sweep.

    A running one is stopped. `now` must not be before anything already written. Raises what the
    client raises when Vibes is away; then the sweep stays, to be gone on with.
    """
    for running in account.sweeps.filter(state=State.RUNNING):
        stop(running, now=now)
    sweep = _take(start(account, by="reconcile", now=now).pk, now)
    assert sweep is not None  # it was made a moment ago
    while _advance_a_slice(sweep, client, lambda: now):
        pass
    sweep.refresh_from_db()
    return sweep


# --- A slice ------------------------------------------------------------------------------------


def _advance_a_slice(sweep: Sweep, client: Client, clock: Clock) -> bool:
    """Ask about the next numbers and write what was learnt with the place reached; is there more?"""
    asked_at = clock()
    mobiles = roll.after(sweep, SLICE)
    if not mobiles:
        _finish(sweep, asked_at)
        return False
    lists = _offered(sweep.account, client)
    before = drifts.stands(mobiles, lists)
    answers = standing.ask_all(client, _questions(mobiles, lists), _feeds(sweep.account, lists))
    with transaction.atomic():
        suppression.wait_for_erasures(share=True)  # before the sweep's row: so do they
        if not _renew(sweep, clock()):
            return False
        there = roll.still_on(sweep, mobiles)
        known = [each for each in answers if isinstance(each, Standing) and each.mobile in there]
        learnt = drifts.learn(sweep, known, lists, before=before, asked_at=asked_at, now=clock())
        _ours(sweep).update(
            position=max(there) if there else F("position"),
            asked=F("asked") + len(mobiles),
            learnt=F("learnt") + learnt,
            unanswered=F("unanswered") + sum(not isinstance(each, Standing) for each in answers),
            fault="",
        )
    sweep.position = mobiles[-1]
    return True


def _offered(account: Account, client: Client) -> list[VibesList]:
    """Our lists that Vibes has. A wrong company key looks as if nobody were there: that is refused."""
    offered = {each.vibes_id for each in client.lists()}
    lists = [each for each in account.lists.order_by("pk") if each.vibes_id in offered]
    if not lists:
        raise Refused("Vibes has none of our lists. Sync first.", status=404)
    return lists


def _feeds(account: Account, lists: list[VibesList]) -> Feeds:
    offered = {each.vibes_id for each in lists}
    active = account.acquisition_campaigns.filter(status="active").prefetch_related("feeds")
    fed = {each: {one.vibes_id for one in each.feeds.all()} & offered for each in active}
    return {campaign: frozenset(ids) for campaign, ids in fed.items() if ids}


def _questions(mobiles: list[str], lists: list[VibesList]) -> list[Question]:
    waiting = Subscription.objects.filter(
        mobile__in=mobiles, vibes_list__in=lists, state=Subscription.State.PENDING
    ).select_related("acquisition_campaign", "vibes_list")
    requests: dict[str, set[tuple[AcquisitionCampaign, str]]] = {each: set() for each in mobiles}
    for row in waiting:
        if row.acquisition_campaign:
            requests[row.mobile].add((row.acquisition_campaign, row.vibes_list.vibes_id))
    return [Question(mobile, frozenset(found)) for mobile, found in requests.items()]


# --- Whose it is --------------------------------------------------------------------------------


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def _take(sweep_id: int, now: datetime) -> Sweep | None:
    free = Sweep.objects.filter(_free(now), pk=sweep_id, state=State.RUNNING)
    if not free.update(lease_until=now + LEASE):
        return None
    sweep = Sweep.objects.select_related("account").get(pk=sweep_id)
    if not sweep.total:
        Sweep.objects.filter(pk=sweep_id).update(total=roll.count(sweep))
    return sweep


def _ours(sweep: Sweep) -> QuerySet[Sweep]:
    """The sweep, while it runs and we hold it."""
    return Sweep.objects.filter(pk=sweep.pk, state=State.RUNNING, lease_until=sweep.lease_until)


def _renew(sweep: Sweep, now: datetime) -> bool:
    """Keep the lease; False when somebody stopped the sweep or took it over."""
    until = now + LEASE
    if not _ours(sweep).update(lease_until=until):
        return False
    sweep.lease_until = until
    return True


def _finish(sweep: Sweep, now: datetime) -> None:
    _ours(sweep).update(state=State.FINISHED, **_ended(now))


def _ended(now: datetime) -> dict[str, Any]:
    """Nobody is at it any more, and its place is nobody's business: it is somebody's number."""
    return {"finished_at": now, "lease_until": None, "position": ""}


def _pause(sweep: Sweep, fault: VibesError, now: datetime) -> None:
    """Keep the place and say why; being asked to go slower is nothing to tell."""
    is_busy = isinstance(fault, Retryable) and fault.throttled
    if not is_busy:
        log.warning("a sweep pauses", sweep=sweep.pk, why=str(fault))
    _ours(sweep).update(lease_until=now + PAUSE, fault="" if is_busy else str(fault)[:255])
