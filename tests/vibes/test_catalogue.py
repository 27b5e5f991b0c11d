from datetime import timedelta

import pytest
import requests
from django.urls import reverse

from tests.vibes import make
from tests.vibes.make import NOON
from tests.vibes.pretend import Simulator
from vibes import catalogue
from vibes.client import Client, Unknown
from vibes.models import Account, AcquisitionCampaign, VibesList

LATER = NOON + timedelta(days=1)
HERE = "http://127.0.0.1:8000"


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
        "Offers": ["Offers by web"],
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


def test_keeps_the_old_copy_whole_when_a_call_fails(
    account: Account, client_of_vibes: Client, simulator: Simulator
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    simulator.fault("status", status=500, path="5678/acquisition_campaigns")

    with pytest.raises(Unknown):
        catalogue.sync_catalogue(account, client_of_vibes, LATER)
    assert AcquisitionCampaign.objects.filter(status="active").count() == 2
    account.refresh_from_db()
    assert account.synced_at == NOON


def test_makes_one_sender_for_a_list(client_of_vibes: Client, offers: VibesList) -> None:
    catalogue.ensure_sender(offers, client_of_vibes, NOON)
    first = offers.sender_id
    catalogue.ensure_sender(offers, client_of_vibes, LATER)

    offers.refresh_from_db()
    assert offers.event_type == catalogue.event_type(offers)
    assert offers.event_type.startswith("rd_")
    assert offers.sender_id == first != ""
    assert len(client_of_vibes.senders(offers.event_type)) == 1


def test_a_lost_answer_makes_no_second_sender(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    simulator.fault("reset_after", method="POST", path="event_triggered_messages", count=1)

    with pytest.raises(Unknown):
        catalogue.ensure_sender(offers, client_of_vibes, NOON)
    catalogue.ensure_sender(offers, client_of_vibes, NOON)

    assert len(client_of_vibes.senders(catalogue.event_type(offers))) == 1


def test_two_senders_on_one_event_type_are_refused(
    client_of_vibes: Client, offers: VibesList
) -> None:
    name = catalogue.event_type(offers)
    for _ in range(2):
        client_of_vibes.create_sender(
            name="Twin", event_type=name, list_id="1234", starts=NOON.date()
        )

    with pytest.raises(catalogue.SenderConflict):
        catalogue.ensure_sender(offers, client_of_vibes, NOON)


def test_a_name_somebody_typed_is_looked_at_and_kept(
    client_of_vibes: Client, offers: VibesList
) -> None:
    offers.event_type = "acme_texts"
    with pytest.raises(catalogue.SenderConflict, match="No campaign"):
        catalogue.ensure_sender(offers, client_of_vibes, NOON)

    client_of_vibes.create_sender(
        name="Ours", event_type="acme_texts", list_id="1234", starts=NOON.date()
    )
    catalogue.ensure_sender(offers, client_of_vibes, NOON)

    offers.refresh_from_db()
    assert offers.event_type == "acme_texts"
    assert client_of_vibes.senders(catalogue.event_type(offers)) == []


def test_one_that_was_ended_at_vibes_gets_a_successor(
    client_of_vibes: Client, offers: VibesList, simulator: Simulator
) -> None:
    catalogue.ensure_sender(offers, client_of_vibes, NOON)
    ended = f"{simulator.url}/companies/DEMO0001/mobiledb/event_triggered_messages"
    requests.delete(
        f"{ended}/{offers.sender_id}",
        auth=("demo", "demo"),
        headers={"X-API-Version": "2"},
        timeout=5,
    ).raise_for_status()

    catalogue.ensure_sender(offers, client_of_vibes, NOON)

    assert offers.event_type == catalogue.event_type(offers, generation=2)


def test_registers_what_is_missing_and_leaves_others_alone(
    account: Account, client_of_vibes: Client
) -> None:
    elsewhere = "https://elsewhere.example.com/hook"
    client_of_vibes.register_callback("subscription_added", elsewhere, {"list_id": "1234"})
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    for each in account.lists.all():
        catalogue.ensure_sender(each, client_of_vibes, NOON)

    assert catalogue.ensure_callbacks(account, client_of_vibes, NOON) == 8
    assert catalogue.ensure_callbacks(account, client_of_vibes, NOON) == 0

    found = client_of_vibes.callbacks()
    ours = HERE + reverse("vibes:callback", args=[account.callback_token])
    assert sorted(each.callback_type for each in found if each.url == ours) == [
        "company_participant_added",
        "company_participant_changed",
        "event_processed",
        "event_processed",
        "subscription_added",
        "subscription_added",
        "subscription_removed",
        "subscription_removed",
    ]
    assert [each.ends_at for each in found if each.url == elsewhere] == [None]


def test_registers_by_campaign_where_vibes_knows_no_company_wide_kind(
    account: Account, client_of_vibes: Client, simulator: Simulator
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    wanted = {each.callback_type for each in catalogue.wanted_callbacks(account)}
    assert "company_participant_added" in wanted
    simulator.fault("status", status=422, method="POST", path="config/callbacks", nth=5)

    catalogue.ensure_callbacks(account, client_of_vibes, NOON)

    kinds = [each.callback_type for each in client_of_vibes.callbacks()]
    assert kinds.count("ack_participant_added") == 2


def test_ends_what_stood_under_the_previous_address(
    account: Account, client_of_vibes: Client
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    catalogue.ensure_callbacks(account, client_of_vibes, NOON)
    account.previous_callback_token, account.callback_token = account.callback_token, "new"

    assert catalogue.ensure_callbacks(account, client_of_vibes, LATER) == 6

    old = catalogue.callback_address(account.previous_callback_token)
    assert all(each.ends_at for each in client_of_vibes.callbacks() if each.url == old)
