"""The callbacks we need Vibes to send, and what is registered there for us."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.urls import reverse

from vibes import registered
from vibes.catalogue import GONE
from vibes.client import Client, Refused, Registration
from vibes.models import Account
from vibes.models.account import new_token
from vibes.registered import Key, Other

log = structlog.get_logger(__name__)
# How long the address before a rotation stays open: longer than any callback is on its way.
OVERLAP = timedelta(hours=24)
SCOPES = ("list_id", "campaign_id", "event_type", "source_code")
UNMATCHED = "unmatched_message_received"


class Wanted(NamedTuple):
    """A registration we need: what about, and limited to what. `best_effort`: a no is no error."""

    callback_type: str
    scope: tuple[tuple[str, str], ...] = ()
    best_effort: bool = False


def callback_address(token: str) -> str:
    return str(settings.PUBLIC_URL) + reverse("vibes:callback", args=[token])


def wanted_callbacks(account: Account) -> list[Wanted]:
    """Who joins and leaves each list, how opt-ins go, what became of each sender's texts, and what
    people text us that Vibes understands as nothing (a child company may not register that)."""
    lists = list(account.lists.offered())
    wanted = [
        Wanted(kind, (("list_id", each.vibes_id),))
        for each in lists
        for kind in ("subscription_added", "subscription_removed")
    ]
    wanted += [Wanted("company_participant_added"), Wanted("company_participant_changed")]
    wanted += [
        Wanted("event_processed", (("event_type", each.event_type), ("callbacks_to_send", "all")))
        for each in lists
        if each.event_type
    ]
    code = (("source_code", account.source_code), ("country_code", account.country_code))
    return [*wanted, Wanted(UNMATCHED, code, best_effort=True)]


def ensure_callbacks(account: Account, client: Client, now: datetime) -> int:
    """Register what is missing under our address; returns how many. Other people's stay untouched.

    Registrations under our earlier addresses are ended once the new ones stand. What is wanted,
    stands, is missing and is not ours is kept on the account, for people to see.
    """
    address = callback_address(account.callback_token)
    lasting = [each for each in client.callbacks() if _lasts(each, now)]
    present = {_key(each) for each in lasting if each.url == address}
    wanted = wanted_callbacks(account)
    missing = [each for each in wanted if _wanted_key(each) not in present]
    refused: dict[Key, str] = {}
    for each in missing:
        if why := _register(account, each, address, present, client):
            refused[_wanted_key(each)] = why
    for old in lasting:
        if old.url != address and _is_ours(old, account):
            client.delete_callback(old.callback_id)
    registered.keep(
        account, [_wanted_key(each) for each in wanted], refused, _of_others(account, lasting), now
    )
    return len(missing) - len(refused)


def end(account: Account, client: Client, now: datetime) -> None:
    """End everything that is registered for this account, under whichever of its addresses."""
    for each in client.callbacks():
        if _lasts(each, now) and _is_ours(each, account):
            client.delete_callback(each.callback_id)


# --- Registered -----------------------------------------------------------------------------------


def _register(
    account: Account, wanted: Wanted, address: str, present: set[Key], client: Client
) -> str:
    """Register it, or what stands in for it; '' or, where it may be refused, why it was."""
    try:
        client.register_callback(wanted.callback_type, address, dict(wanted.scope))
    except Refused as refused:
        if refused.status == 409:  # it stands already
            return ""
        if wanted.best_effort:
            log.info("vibes refuses a registration we can do without", why=str(refused))
            return str(refused)
        if not wanted.callback_type.startswith("company_participant_"):
            raise
        _register_by_campaign(account, wanted.callback_type, address, present, client)
    return ""


def _register_by_campaign(
    account: Account, kind: str, address: str, present: set[Key], client: Client
) -> None:
    """Where Vibes does not know the company-wide kind: one registration for each campaign."""
    kind = kind.replace("company_participant_", "ack_participant_")
    for campaign in account.acquisition_campaigns.exclude(status=GONE):
        if (kind, campaign.vibes_id) not in present:
            client.register_callback(kind, address, {"campaign_id": campaign.vibes_id})


def _lasts(registration: Registration, now: datetime) -> bool:
    return registration.ends_at is None or registration.ends_at > now


def _is_ours(registration: Registration, account: Account) -> bool:
    """Whether it leads to this site, by an address that is or was this account's.

    Another account of the same company has its own registrations there.
    """
    if not registration.url.startswith(callback_address("-").removesuffix("-/")):
        return False
    return registration.url not in _beside(account)


def _beside(account: Account) -> dict[str, str]:
    """The addresses of our other services, each with the service's name."""
    others = Account.objects.exclude(pk=account.pk)
    tokens = others.values_list("name", "callback_token", "previous_callback_token")
    return {callback_address(each): name for name, *both in tokens for each in both if each}


def _of_others(account: Account, lasting: list[Registration]) -> list[Other]:
    """What is registered there and not this account's: with the service of ours it belongs to, or ''."""
    beside = _beside(account)
    return [
        Other(_key(each), each.url, beside.get(each.url, ""))
        for each in lasting
        if not _is_ours(each, account)
    ]


def _key(registration: Registration) -> Key:
    scope = registration.scope
    return registration.callback_type, next((scope[name] for name in SCOPES if scope.get(name)), "")


def _wanted_key(wanted: Wanted) -> Key:
    return wanted.callback_type, wanted.scope[0][1] if wanted.scope else ""


# --- Rotation -------------------------------------------------------------------------------------


class StillMoving(Exception):
    """The registrations have not followed the last rotation yet: Vibes still calls the address before."""


def rotate(account: Account, now: datetime) -> datetime:
    """A new address for callbacks; the old one stays open for a day, the one before is closed.

    Returns until when the old one is open. The next sync, which is asked for, moves the registrations.
    Raises StillMoving before the last rotation has reached Vibes: what comes to a closed address is
    lost for good.
    """
    if account.previous_callback_token and not _has_moved(account):
        raise StillMoving
    account.previous_callback_token = account.callback_token
    account.callback_token, account.rotated_at = new_token(), now
    account.sync_wanted_at = now
    fields = ["previous_callback_token", "callback_token", "rotated_at", "sync_wanted_at"]
    account.save(update_fields=fields)
    return now + OVERLAP


def forget_previous(now: datetime) -> int:
    """Close addresses a day after their rotation; returns how many.

    Not before the registrations have moved: a callback to a closed address is lost for good. What
    should still stand under it is ended by the next sync.
    """
    rotated = Account.objects.filter(rotated_at__lte=now - OVERLAP)
    closed = 0
    for account in rotated.exclude(previous_callback_token=""):
        if _has_moved(account):
            same = rotated.filter(pk=account.pk, rotated_at=account.rotated_at)
            closed += same.update(previous_callback_token="", sync_wanted_at=now)
    return closed


def _has_moved(account: Account) -> bool:
    """Whether the registrations were seen to since the last rotation."""
    moved_at = str(account.registrations.get("at", ""))
    return account.rotated_at is not None and moved_at > account.rotated_at.isoformat()
