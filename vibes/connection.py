"""The connection to one account: tried, and everything we need there put in order."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from vibes import catalogue, registrations, senders
from vibes.client import Client, Refused, VibesError
from vibes.models import Account

Health = Account.Health


def test(account: Account, *, now: datetime) -> bool:
    """Ask for the lists, and write down how it went (health); returns whether it went well."""
    try:
        with Client(account, slots=1) as client:
            client.lists()
    except VibesError as fault:
        note(account, fault, now=now)
        return False
    note(account, None, now=now)
    return True


def sync(account: Account, *, now: datetime) -> bool:
    """Copy what Vibes offers, see to senders and callbacks; returns whether all of it went well.

    What went wrong is written down on the account. It may be repeated at any time.
    """
    try:
        with Client(account, slots=1) as client:
            catalogue.sync_catalogue(account, client, now)
            for vibes_list in account.lists.offered():
                senders.ensure_sender(vibes_list, client, now)
            registrations.ensure_callbacks(account, client, now)
    except (VibesError, senders.SenderConflict) as fault:
        note(account, fault, now=now)
        return False
    note(account, None, now=now)
    return True


def due_for_sync(*, before: datetime, tried_before: datetime) -> QuerySet[Account]:
    """Accounts last synced before a time, and not tried since another."""
    old = Q(synced_at=None) | Q(synced_at__lt=before)
    return Account.objects.filter(old, Q(checked_at=None) | Q(checked_at__lt=tried_before))


def note(account: Account, fault: Exception | None, *, now: datetime) -> None:
    """Write down how the last try went. Success ends a hold that a refused login began."""
    account.health, account.checked_at = _health(fault), now
    account.health_detail = str(fault or "")[:255]
    if fault is None:
        account.held_until = None
    fields = {"health", "health_detail", "checked_at", "held_until"}
    Account.objects.filter(pk=account.pk).update(
        **{name: getattr(account, name) for name in fields}
    )


def _health(fault: Exception | None) -> Health:
    """A company key that is not known looks like a 404, so any refusal is one of the connection."""
    if fault is None:
        return Health.CONNECTED
    refused = isinstance(fault, Refused | senders.SenderConflict)
    return Health.REFUSED if refused else Health.AWAY
