"""Sweeps: every number we know compared with Vibes, slice after slice, through any restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.db import transaction
from django.db.models import F, Model, Q, QuerySet

from people.models import Person
from vibes import drifts, standing
from vibes.client import Client, Refused, Retryable, VibesError
from vibes.models import (
    Account,
    AcquisitionCampaign,
    Number,
    OutboxRow,
    Subscription,
    Sweep,
    VibesList,
)
from vibes.standing import Feeds, Question, Standing

log = structlog.get_logger(__name__)
State = Sweep.State
Clock = Callable[[], datetime]
SLICE = 50
SLOTS = 10
# Longer than a slice takes when every call runs into its time limit.
LEASE = timedelta(minutes=5)
PAUSE = timedelta(minutes=1)
MEMBERSHIPS = [OutboxRow.Action.SUBSCRIBE, OutboxRow.Action.UNSUBSCRIBE]


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
    return bool(running.update(state=State.STOPPED, finished_at=now, lease_until=None))


def to_continue(now: datetime) -> QuerySet[Sweep]:
    """Running sweeps that nobody is working on, and whose pause, if any, is over."""
    return Sweep.objects.filter(_free(now), state=State.RUNNING).order_by("pk")


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
        with Client(sweep.account, slots=SLOTS) as client:
            while goes_on and monotonic() < ends:
                goes_on = _advance_a_slice(sweep, client, clock)
    except VibesError as fault:
        _pause(sweep, fault, clock())
        return False
    _ours(sweep).update(lease_until=None)
    return goes_on


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
    mobiles = _next(sweep)
    if not mobiles:
        _finish(sweep, asked_at)
        return False
    lists = _offered(sweep.account, client)
    answers = standing.ask_all(client, _questions(mobiles, lists), _feeds(sweep.account, lists))
    known = [each for each in answers if isinstance(each, Standing)]
    with transaction.atomic():
        if not _renew(sweep, clock()):
            return False
        learnt = drifts.learn(sweep, known, lists, asked_at=asked_at, now=clock())
        _ours(sweep).update(
            position=mobiles[-1],
            asked=F("asked") + len(mobiles),
            learnt=F("learnt") + learnt,
            unanswered=F("unanswered") + len(mobiles) - len(known),
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


# --- Which numbers ------------------------------------------------------------------------------


def _next(sweep: Sweep) -> list[str]:
    """The numbers after the last one done, in order, each once."""
    found: set[str] = set()
    for source in _sources(sweep):
        after = source.filter(mobile__gt=sweep.position).order_by("mobile")
        found.update(after.values_list("mobile", flat=True).distinct()[:SLICE])
    return sorted(found)[:SLICE]


def _sources(sweep: Sweep) -> Iterator[QuerySet[Model]]:
    """Where numbers come from: people, and what we hold; for a part, only what may have changed."""
    rows = Subscription.objects.filter(vibes_list__account=sweep.account)
    since = sweep.changed_since
    if since is None:
        yield Person.objects.present().with_mobile()
        yield rows
        return
    yield rows.filter(Q(changed_at__gte=since) | Q(state=Subscription.State.PENDING))
    yield Number.objects.filter(changed_at__gte=since)
    # What became of these calls we may never have been told.
    yield OutboxRow.objects.filter(
        account=sweep.account, action__in=MEMBERSHIPS, queued_at__gte=since
    )


def count(sweep: Sweep) -> int:
    """How many numbers there are to ask about."""
    first, *others = (source.order_by().values("mobile") for source in _sources(sweep))
    return first.union(*others).count()


# --- Whose it is --------------------------------------------------------------------------------


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def _take(sweep_id: int, now: datetime) -> Sweep | None:
    free = Sweep.objects.filter(_free(now), pk=sweep_id, state=State.RUNNING)
    if not free.update(lease_until=now + LEASE):
        return None
    sweep = Sweep.objects.select_related("account").get(pk=sweep_id)
    if not sweep.total:
        Sweep.objects.filter(pk=sweep_id).update(total=count(sweep))
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
    _ours(sweep).update(state=State.FINISHED, finished_at=now, lease_until=None)


def _pause(sweep: Sweep, fault: VibesError, now: datetime) -> None:
    """Keep the place and say why; being asked to go slower is nothing to tell."""
    is_busy = isinstance(fault, Retryable) and fault.throttled
    if not is_busy:
        log.warning("a sweep pauses", sweep=sweep.pk, why=str(fault))
    _ours(sweep).update(lease_until=now + PAUSE, fault="" if is_busy else str(fault)[:255])
