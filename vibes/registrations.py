"""The callbacks we need Vibes to send, and what is registered there for us."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from vibes.catalogue import GONE
from vibes.client import Client, Refused, Registration
from vibes.models import Account


class Wanted(NamedTuple):
    """A registration we need: what about, and limited to what."""

    callback_type: str
    scope: tuple[tuple[str, str], ...] = ()


def callback_address(token: str) -> str:
    return str(settings.PUBLIC_URL) + reverse("vibes:callback", args=[token])


def wanted_callbacks(account: Account) -> list[Wanted]:
    """Who joins and leaves each list, how opt-ins go, and what became of each sender's texts."""
    lists = list(account.lists.offered())
    wanted = [
        Wanted(kind, (("list_id", each.vibes_id),))
        for each in lists
        for kind in ("subscription_added", "subscription_removed")
    ]
    wanted += [Wanted("company_participant_added"), Wanted("company_participant_changed")]
    types = [each.event_type for each in lists if each.event_type]
    return wanted + [
        Wanted("event_processed", (("event_type", each), ("callbacks_to_send", "all")))
        for each in types
    ]


def ensure_callbacks(account: Account, client: Client, now: datetime) -> int:
    """Register what is missing under our address; returns how many. Other people's stay untouched.

    Registrations under our previous address are ended once the new ones stand.
    """
    address, registered = callback_address(account.callback_token), client.callbacks()
    present = {_key(each) for each in registered if each.url == address and _lasts(each, now)}
    missing = [each for each in wanted_callbacks(account) if _wanted_key(each) not in present]
    for each in missing:
        _register(account, each, address, present, client)
    _end_previous(account, registered, client, now)
    return len(missing)


def _register(
    account: Account,
    wanted: Wanted,
    address: str,
    present: set[tuple[str, str]],
    client: Client,
) -> None:
    try:
        client.register_callback(wanted.callback_type, address, dict(wanted.scope))
    except Refused as refused:
        if refused.status == 409:  # it stands already
            return
        if not wanted.callback_type.startswith("company_participant_"):
            raise
        _register_by_campaign(account, wanted.callback_type, address, present, client)


def _register_by_campaign(
    account: Account, kind: str, address: str, present: set[tuple[str, str]], client: Client
) -> None:
    """Where Vibes does not know the company-wide kind: one registration for each campaign."""
    kind = kind.replace("company_participant_", "ack_participant_")
    for campaign in account.acquisition_campaigns.exclude(status=GONE):
        if (kind, campaign.vibes_id) not in present:
            client.register_callback(kind, address, {"campaign_id": campaign.vibes_id})


def _end_previous(
    account: Account, registered: list[Registration], client: Client, now: datetime
) -> None:
    if not account.previous_callback_token:
        return
    old = callback_address(account.previous_callback_token)
    for each in registered:
        if each.url == old and _lasts(each, now):
            client.delete_callback(each.callback_id)


def _lasts(registration: Registration, now: datetime) -> bool:
    return registration.ends_at is None or registration.ends_at > now


def _key(registration: Registration) -> tuple[str, str]:
    scope = registration.scope
    named = scope.get("list_id") or scope.get("campaign_id") or scope.get("event_type")
    return registration.callback_type, named or ""


def _wanted_key(wanted: Wanted) -> tuple[str, str]:
    return wanted.callback_type, wanted.scope[0][1] if wanted.scope else ""
