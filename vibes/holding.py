"""A hold: Vibes refuses our login, or is not where it was. Nothing is sent or asked for the account
until a try goes well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.db.models import QuerySet

from .models import Account

log = structlog.get_logger(__name__)
FIRST = timedelta(seconds=60)  # until the first try
LONGEST = timedelta(minutes=10)  # between two tries, each pause being twice the one before


def hold(
    account: Account, why: str, *, now: datetime, health: Account.Health = Account.Health.REFUSED
) -> None:
    """Vibes refused our login: hold the account, unless it is held already. `why` is for people.

    `health`: what it is instead of refused, where something else is wrong with the service.
    """
    ill = {"health": health, "health_detail": why[:255]}
    open_ = open_accounts().filter(pk=account.pk)
    if open_.update(held_until=now + FIRST, checked_at=now, **ill):
        log.error("everything of a service is held", account=account.pk, health=health, why=why)


def is_held(account: Account) -> bool:
    """Whether the account is held at this moment, whatever the object remembers."""
    return not open_accounts().filter(pk=account.pk).exists()


def open_accounts() -> QuerySet[Account]:
    """The accounts for which Vibes may be called. Time alone opens none: only a try that went well."""
    return Account.objects.filter(held_until=None)


def to_probe(now: datetime) -> QuerySet[Account]:
    """The held accounts that are due for a try."""
    return Account.objects.filter(held_until__lte=now)


def take_probes(*, now: datetime) -> Iterator[Account]:
    """The held accounts that are due for a try, each given to one caller only.

    The time of the next try is written before this one is made: who dies over it blocks nobody.
    """
    for account in to_probe(now).order_by("pk"):
        tried = Account.objects.filter(pk=account.pk, held_until=account.held_until)
        if tried.update(held_until=now + _next_pause(account), checked_at=now):
            yield account


def _next_pause(account: Account) -> timedelta:
    assert account.held_until is not None
    last = account.held_until - (account.checked_at or account.held_until)
    return min(max(2 * last, FIRST), LONGEST)
