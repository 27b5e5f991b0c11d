"""How many processes send for an account at once: each holds one of its SEND_LOOPS loops."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from . import holding
from .models import Account, SendingLoop

# No longer than that of what it holds, which is renewed with it.
LEASE = timedelta(seconds=min(15, settings.SEND_LEASE_SECONDS / 2))
AWAY_AFTER = 5  # calls in a row that failed: Vibes is away
REST = timedelta(seconds=30)  # then, and twice as long each time it is still away
LONGEST = timedelta(minutes=8)


def take(account_id: int, *, now: datetime) -> SendingLoop | None:
    """A free loop of an account that is neither held nor at rest; None when there is none."""
    if not working(now).filter(pk=account_id).exists():
        return None
    for number in range(settings.SEND_LOOPS):
        loop, _ = SendingLoop.objects.get_or_create(account_id=account_id, number=number)
        free = SendingLoop.objects.filter(Q(until=None) | Q(until__lt=now), pk=loop.pk)
        if free.update(until=now + LEASE):
            loop.until = now + LEASE
            return loop
    return None


def renew(loop: SendingLoop, *, now: datetime) -> bool:
    """Keep it; False when it was lost meanwhile."""
    if not _as_it_is(loop).update(until=now + LEASE):
        return False
    loop.until = now + LEASE
    return True


def give_back(loop: SendingLoop) -> None:
    """Only our own: one that slept too long must not end its successor's."""
    _as_it_is(loop).update(until=None)


def note_faults(account: Account, faults: int) -> None:
    """How many calls in a row have failed by now: whoever sends next goes on counting."""
    Account.objects.filter(pk=account.pk).update(faults=faults)


def rest(account: Account, *, faults: int, now: datetime) -> datetime:
    """Vibes does not answer: nobody sends for this account for a while; until when."""
    until = now + min(REST * (1 << min(faults - AWAY_AFTER, 10)), LONGEST)
    Account.objects.filter(pk=account.pk).update(resting_until=until)
    return until


def working(now: datetime) -> QuerySet[Account]:
    """The accounts for which something may be sent now."""
    awake = Q(resting_until=None) | Q(resting_until__lt=now)
    return holding.open_accounts().filter(awake)


def idle(now: datetime) -> QuerySet[Account]:
    """Those among them for which nobody sends."""
    busy = SendingLoop.objects.filter(until__gte=now)
    return working(now).exclude(pk__in=busy.values("account"))


def _as_it_is(loop: SendingLoop) -> QuerySet[SendingLoop]:
    return SendingLoop.objects.filter(pk=loop.pk, until=loop.until)
