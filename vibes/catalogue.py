"""Keep our copy true: what Vibes offers, its subscription lists and the campaigns that feed them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from vibes.client import Client, OfferedCampaign, OfferedList
from vibes.models import Account, AcquisitionCampaign, VibesList

GONE = "gone"


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
