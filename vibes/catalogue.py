"""Keep our copy true: what Vibes offers, its subscription lists and the campaigns that feed them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from vibes.client import Client, OfferedCampaign, OfferedList
from vibes.models import Account, AcquisitionCampaign, VibesList

ACTIVE, GONE = "active", "gone"
OVER = (GONE, "deleted", "past")
Feeding = dict[str, list[OfferedCampaign]]
"""The campaigns that feed a list, by its id at Vibes."""


def sync_catalogue(account: Account, client: Client, now: datetime) -> None:
    """Copy lists, acquisition campaigns and what feeds what; what is not offered is marked gone.

    All is asked first and written in one transaction: a call that fails leaves the old copy whole.
    """
    lists = client.lists()
    feeding = {each.vibes_id: client.acquisition_campaigns(each.vibes_id) for each in lists}
    missing = _ask_about_missing(account, feeding, client)
    with transaction.atomic():
        _keep_lists(account, lists, now)
        _keep_campaigns(account, feeding, missing)
        Account.objects.filter(pk=account.pk).update(synced_at=now)
    account.synced_at = now


def _ask_about_missing(
    account: Account, feeding: Feeding, client: Client
) -> dict[str, OfferedCampaign | None]:
    """A list shows active campaigns only: what became of the others is asked one by one.

    What is over for good is not asked about again, so that old campaigns cost no calls.
    """
    shown = {each.vibes_id for campaigns in feeding.values() for each in campaigns}
    ours = account.acquisition_campaigns.exclude(vibes_id__in=shown).exclude(status__in=OVER)
    ids = ours.values_list("vibes_id", flat=True)
    return {each: client.acquisition_campaign(each) for each in ids}


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


def _keep_campaigns(
    account: Account, feeding: Feeding, missing: dict[str, OfferedCampaign | None]
) -> None:
    offered = {each.vibes_id: each for campaigns in feeding.values() for each in campaigns}
    offered |= {vibes_id: each for vibes_id, each in missing.items() if each}
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
    nowhere = [vibes_id for vibes_id, each in missing.items() if each is None]
    account.acquisition_campaigns.filter(vibes_id__in=nowhere).update(status=GONE)
    _tie(account, feeding)


def _tie(account: Account, feeding: Feeding) -> None:
    """What feeds what, as the lists show it. One that rests or is over stays where it last was."""
    lists = dict(account.lists.values_list("vibes_id", "pk"))
    campaigns = dict(account.acquisition_campaigns.values_list("vibes_id", "pk"))
    shown = {(list_id, each.vibes_id) for list_id, offered in feeding.items() for each in offered}
    told_anew = Q(vibes_id__in={vibes_id for _, vibes_id in shown}) | Q(status__in=(ACTIVE, GONE))
    ties = AcquisitionCampaign.feeds.through
    ties.objects.filter(
        acquisitioncampaign__in=account.acquisition_campaigns.filter(told_anew)
    ).delete()
    ties.objects.bulk_create(
        ties(vibeslist_id=lists[list_id], acquisitioncampaign_id=campaigns[vibes_id])
        for list_id, vibes_id in sorted(shown)
    )
