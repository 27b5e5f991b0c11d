from datetime import timedelta

import pytest

from tests.vibes import make
from tests.vibes.make import NOON
from tests.vibes.pretend import Simulator
from vibes import catalogue
from vibes.client import Client, Unknown
from vibes.models import Account, AcquisitionCampaign, VibesList

LATER = NOON + timedelta(days=1)


def offered() -> dict[str, list[str]]:
    return {
        each.name: [campaign.name for campaign in each.acquisition_campaigns.order_by("name")]
        for each in VibesList.objects.offered()
    }


def test_copies_lists_and_the_campaigns_that_feed_them(
    account: Account, client_of_vibes: Client
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    catalogue.sync_catalogue(account, client_of_vibes, LATER)

    assert offered() == {
        "Offers": ["Offers by web", "Offers near you"],
        "Service alerts": ["Service alerts sign-up"],
    }
    account.refresh_from_db()
    assert account.synced_at == LATER


def test_marks_what_is_gone_and_takes_it_back(account: Account, client_of_vibes: Client) -> None:
    old = make.vibes_list(account, vibes_id="9999", name="Old")
    campaign = make.campaign(old, vibes_id="Gone", name="Gone")
    back = make.vibes_list(account, vibes_id="1234", name="Offerings", gone_at=NOON)

    catalogue.sync_catalogue(account, client_of_vibes, LATER)

    old.refresh_from_db()
    back.refresh_from_db()
    campaign.refresh_from_db()
    assert (old.gone_at, back.gone_at, back.name) == (LATER, None, "Offers")
    assert (campaign.is_active, list(campaign.feeds.all())) == (False, [])


@pytest.mark.parametrize("status", ["past", "deleted", "scheduled"])
def test_says_what_became_of_a_campaign_that_no_list_shows(
    account: Account, client_of_vibes: Client, simulator: Simulator, status: str
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    changed = {"id": "Kwnl5OL3", "list_id": "1234", "description": "Offers by web"}
    simulator.put("world", {"campaigns": [changed | {"status": status}]})

    catalogue.sync_catalogue(account, client_of_vibes, LATER)

    by_web = AcquisitionCampaign.objects.get(vibes_id="Kwnl5OL3")
    assert (by_web.status, by_web.is_active) == (status, False)
    assert [each.name for each in by_web.feeds.all()] == ["Offers"]


def test_what_is_over_for_good_is_not_asked_about_again(
    account: Account, client_of_vibes: Client, simulator: Simulator
) -> None:
    make.campaign(make.vibes_list(account), vibes_id="Gone", name="Gone", status="past")

    catalogue.sync_catalogue(account, client_of_vibes, NOON)

    assert not [each for each in simulator.requests() if "/Gone" in each["path"]]


def test_keeps_the_old_copy_whole_when_a_call_fails(
    account: Account, client_of_vibes: Client, simulator: Simulator
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    simulator.fault("status", status=500, path="5678/acquisition_campaigns")

    with pytest.raises(Unknown):
        catalogue.sync_catalogue(account, client_of_vibes, LATER)
    assert AcquisitionCampaign.objects.filter(status="active").count() == 3
    account.refresh_from_db()
    assert account.synced_at == NOON


def test_lists_of_one_name_are_told_apart_by_their_service(account: Account) -> None:
    other = make.account(name="Canada")
    for each, name in [(account, "Offers"), (account, "Alerts"), (other, "Offers")]:
        make.vibes_list(each, vibes_id=name, name=name)

    called = [str(each) for each in VibesList.objects.offered()]
    VibesList.objects.filter(account=other).update(gone_at=NOON)

    assert called == ["Alerts", "Offers (Vibes)", "Offers (Canada)"]
    assert [str(each) for each in VibesList.objects.offered()] == ["Alerts", "Offers"]
