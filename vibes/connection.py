"""The connection to one account: tried, and everything we need there put in order."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from vibes import catalogue, diagnosis, holding, registrations, senders
from vibes.client import (
    Busy,
    Client,
    Locked,
    LoginRefused,
    Refused,
    Retryable,
    SourceCode,
    VibesError,
)
from vibes.models import Account, VibesList

Health = Account.Health
SYNC_EVERY = timedelta(hours=1)
# A sync that went wrong, or was asked for, is tried again at the earliest after these.
OLD_AGAIN = timedelta(minutes=5)
WANTED_AGAIN = timedelta(minutes=1)
SYNC_LEASE = timedelta(minutes=5)  # longer than what lies between two renewals


def ask(account: Account) -> list[SourceCode]:
    """The source codes of the account, saved or not. Writes nothing.

    Raises VibesError when login, key or address are wrong. The codes themselves may be kept from
    this login: then there are none.
    """
    with Client(account, slots=1) as client:
        client.lists()
        try:
            return client.source_codes()
        except Refused:
            return []


def test(account: Account, *, now: datetime) -> bool:
    """Ask for the lists, and write down how it went (health); returns whether it went well."""
    try:
        with Client(account, slots=1) as client:
            client.lists()
    except VibesError as fault:
        note(account, fault, now=now, words=diagnosis.of(account, fault).words)
        return False
    note(account, None, now=now)
    return True


def probe(*, now: datetime) -> None:
    """Try the held accounts whose time for it has come, each once; one that answers is held no more."""
    for account in holding.take_probes(now=now):
        test(account, now=now)


# --- Sync -----------------------------------------------------------------------------------------


def sync(account: Account, *, now: datetime) -> bool:
    """Copy what Vibes offers, see to senders and callbacks; returns whether all of it went well.

    What went wrong is written down: on the account, or on a list whose sender cannot be used. It
    may be repeated at any time.
    """
    try:
        good = _sync(account, now)
    except VibesError as fault:
        note(account, fault, now=now)
        _served(account, None if isinstance(fault, Refused) else now, now=now)
        return False
    finally:
        Account.objects.filter(pk=account.pk).update(syncing_until=None)
    note(account, None, now=now)
    _served(account, None, now=now)
    return good


def _sync(account: Account, now: datetime) -> bool:
    began, good = monotonic(), True
    with Client(account, slots=1) as client:
        catalogue.sync_catalogue(account, client, now)
        for each in account.lists.offered().select_related("account"):
            at = now + timedelta(seconds=monotonic() - began)
            _still_syncing(account, at)
            good = _see_to_sender(each, client, at) and good
        _still_syncing(account, now + timedelta(seconds=monotonic() - began))
        registrations.ensure_callbacks(account, client, now)
    return good


def _still_syncing(account: Account, now: datetime) -> None:
    Account.objects.filter(pk=account.pk).update(syncing_until=now + SYNC_LEASE)


def _see_to_sender(vibes_list: VibesList, client: Client, now: datetime) -> bool:
    """Whether the list has its sender now. One that has none does not keep the others from theirs."""
    try:
        senders.ensure_sender(vibes_list, client, now)
    except senders.SenderConflict:
        return False  # the list says why
    except Refused as refused:
        if refused.status == 401:
            raise
        words = _("Vibes does not let us see to a sender: make it by hand. %s") % refused
        VibesList.objects.filter(pk=vibes_list.pk).update(sender_fault=words[:255])
        return False
    return True


def want_sync(accounts: QuerySet[Account], *, now: datetime) -> None:
    """Ask for a sync: the tick finds it, also when the message that announces it is lost."""
    accounts.update(sync_wanted_at=now)


def begin_sync(account: Account, *, now: datetime) -> bool:
    """Take a sync up; False while somebody else is at it, or did so less than a minute ago and after it
    was asked for.

    One conditional UPDATE, so that two messages about the same wish lead to one sync.
    """
    unheard = Q(sync_wanted_at__gt=F("checked_at")) | Q(checked_at=None)
    long_ago = Q(checked_at__lt=now - WANTED_AGAIN)
    here = Account.objects.filter(_unsynced_by_others(now), unheard | long_ago, pk=account.pk)
    return bool(here.update(checked_at=now, syncing_until=now + SYNC_LEASE))


def _unsynced_by_others(now: datetime) -> Q:
    return Q(syncing_until=None) | Q(syncing_until__lt=now)


def due_for_sync(now: datetime) -> QuerySet[Account]:
    """Accounts whose sync is an hour old, or asked for; each tried at most once in a while, none held."""
    old = Q(synced_at=None) | Q(synced_at__lt=now - SYNC_EVERY)
    quiet, very_quiet = _not_tried_since(now - WANTED_AGAIN), _not_tried_since(now - OLD_AGAIN)
    due = Q(sync_wanted_at__isnull=False) & quiet | old & very_quiet
    return holding.open_accounts().filter(_unsynced_by_others(now), due)


def _not_tried_since(moment: datetime) -> Q:
    return Q(checked_at=None) | Q(checked_at__lt=moment)


def _served(account: Account, wanted_at: datetime | None, *, now: datetime) -> None:
    """What was asked for before `now` is done with; where Vibes was away it is wanted anew.

    A refusal would only be repeated: after one, somebody has to ask, or the hour to come round.
    """
    here = Account.objects.filter(pk=account.pk, sync_wanted_at__lte=now)
    here.update(sync_wanted_at=wanted_at)


# --- Health ---------------------------------------------------------------------------------------


def note(account: Account, fault: VibesError | None, *, now: datetime, words: str = "") -> None:
    """Write down how the last try went. A refused login begins a hold, and so does an address that sends
    us elsewhere; success ends it."""
    account.health, account.checked_at = _health(account, fault), now
    account.health_detail = (words or _words(account, fault))[:255]
    if fault and (isinstance(fault, LoginRefused) or fault.leads_elsewhere):
        holding.hold(account, account.health_detail, now=now, health=account.health)
    fields = {"health", "health_detail", "checked_at"}
    if fault is None:
        account.held_until = None
        fields.add("held_until")
    Account.objects.filter(pk=account.pk).update(
        **{name: getattr(account, name) for name in fields}
    )


def _words(account: Account, fault: VibesError | None) -> str:
    """Only these two are about the connection whatever was called; the rest speaks for itself."""
    if isinstance(fault, LoginRefused | Retryable):
        return diagnosis.of(account, fault).words
    return str(fault or "")


def _health(account: Account, fault: VibesError | None) -> Health:
    """A company key that is not known looks like a 404, so any refusal is one of the connection.

    A call that we did not make ourselves says nothing about the other side.
    """
    if isinstance(fault, Busy | Locked):
        return Health(account.health)
    if fault is None:
        return Health.CONNECTED
    return Health.REFUSED if isinstance(fault, Refused) else Health.AWAY
