"""Keep our copy true: what Vibes offers, and what we need there (senders, callback addresses)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from people.models.setting import instance_id
from vibes.client import Client, OfferedCampaign, OfferedList, Refused, Registration, Sender
from vibes.models import Account, AcquisitionCampaign, VibesList

GONE = "gone"
ALIVE = ("in_progress", "scheduled")
SENDERS_AT_MOST = 50


class SenderConflict(Exception):
    """Several campaigns at Vibes fire on our event type, and each would text: end all but one."""


def sync_catalogue(account: Account, client: Client, now: datetime) -> None:
    """Copy lists, acquisition campaigns and what feeds what; what is not offered is marked gone.

    All is asked first and written in one transaction: a call that fails leaves the old copy whole.
    """
    lists = client.lists()
    feeding = {each.vibes_id: client.acquisition_campaigns(each.vibes_id) for each in lists}
    with transaction.atomic():
        _keep_lists(account, lists, now)
        _keep_campaigns(account, feeding)
        Account.objects.filter(pk=account.pk).update(synced_at=now)
    account.synced_at = now


def _keep_lists(account: Account, offered: list[OfferedList], now: datetime) -> None:
    VibesList.objects.bulk_create(
        [VibesList(account=account, vibes_id=each.vibes_id, name=each.name) for each in offered],
        update_conflicts=True,
        unique_fields=["account", "vibes_id"],
        update_fields=["name"],
    )
    ids = [each.vibes_id for each in offered]
    account.lists.filter(vibes_id__in=ids).update(gone_at=None)
    account.lists.exclude(vibes_id__in=ids).filter(gone_at=None).update(gone_at=now)


def _keep_campaigns(account: Account, feeding: dict[str, list[OfferedCampaign]]) -> None:
    offered = {each.vibes_id: each for campaigns in feeding.values() for each in campaigns}
    AcquisitionCampaign.objects.bulk_create(
        [
            AcquisitionCampaign(
                account=account, vibes_id=each.vibes_id, name=each.name, status=each.status
            )
            for each in offered.values()
        ],
        update_conflicts=True,
        unique_fields=["account", "vibes_id"],
        update_fields=["name", "status"],
    )
    account.acquisition_campaigns.exclude(vibes_id__in=offered).update(status=GONE)
    _tie(account, feeding)


def _tie(account: Account, feeding: dict[str, list[OfferedCampaign]]) -> None:
    lists = dict(account.lists.values_list("vibes_id", "pk"))
    campaigns = dict(account.acquisition_campaigns.values_list("vibes_id", "pk"))
    ties = AcquisitionCampaign.feeds.through
    ties.objects.filter(acquisitioncampaign__account=account).delete()
    ties.objects.bulk_create(
        ties(vibeslist_id=lists[list_id], acquisitioncampaign_id=campaigns[each.vibes_id])
        for list_id, offered in feeding.items()
        for each in {one.vibes_id: one for one in offered}.values()
    )


# --- Senders ------------------------------------------------------------------------------------


def event_type(vibes_list: VibesList, *, generation: int = 1) -> str:
    """The name our texts to this list go by. It holds the instance: no copy of it may fire too."""
    name = re.sub(r"[^A-Za-z0-9_-]", "-", vibes_list.vibes_id)[:40]
    return f"{_prefix()}{name}" + (f"_{generation}" if generation > 1 else "")


def _prefix() -> str:
    return f"rd_{instance_id().hex[:8]}_sms_"


def ensure_sender(vibes_list: VibesList, client: Client, now: datetime) -> VibesList:
    """See to it that exactly one campaign at Vibes sends our texts to this list, and keep its name.

    Looks before it creates, so that a lost answer leads to no second one. Raises SenderConflict
    when several are in progress. One that was ended at Vibes is final: a new name is taken then.
    A name somebody typed (an account may forbid making senders) is only looked at.
    """
    if vibes_list.event_type and not vibes_list.event_type.startswith(_prefix()):
        return _check_typed(vibes_list, client)
    for generation in range(1, SENDERS_AT_MOST):
        name = event_type(vibes_list, generation=generation)
        found = client.senders(name)
        if running := _running(found):
            return _keep_sender(vibes_list, running)
        if not found:
            return _keep_sender(vibes_list, _create_sender(vibes_list, name, client, now))
    raise SenderConflict(f"{SENDERS_AT_MOST} senders of {vibes_list} were ended at Vibes.")


def _check_typed(vibes_list: VibesList, client: Client) -> VibesList:
    running = _running(client.senders(vibes_list.event_type))
    if running is None:
        raise SenderConflict(f"No campaign at Vibes fires on {vibes_list.event_type}.")
    return _keep_sender(vibes_list, running)


def _running(found: list[Sender]) -> Sender | None:
    alive = [each for each in found if each.status in ALIVE]
    if len(alive) > 1:
        raise SenderConflict(f"{len(alive)} campaigns at Vibes fire on {alive[0].event_type}.")
    return alive[0] if alive else None


def _create_sender(vibes_list: VibesList, name: str, client: Client, now: datetime) -> Sender:
    title = f"Ringdove: texts to {vibes_list.name}"[:100]
    return client.create_sender(
        name=title, event_type=name, list_id=vibes_list.vibes_id, starts=now.date()
    )


def _keep_sender(vibes_list: VibesList, sender: Sender) -> VibesList:
    vibes_list.event_type, vibes_list.sender_id = sender.event_type, sender.sender_id
    VibesList.objects.filter(pk=vibes_list.pk).update(
        event_type=sender.event_type, sender_id=sender.sender_id
    )
    return vibes_list


# --- Callbacks ----------------------------------------------------------------------------------


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
