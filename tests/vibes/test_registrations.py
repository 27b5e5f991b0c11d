from datetime import timedelta

from django.urls import reverse

from tests.vibes.make import NOON
from tests.vibes.pretend import Simulator
from vibes import catalogue, registrations, senders
from vibes.client import Client
from vibes.models import Account

LATER = NOON + timedelta(days=1)
HERE = "http://127.0.0.1:8000"


def test_registers_what_is_missing_and_leaves_others_alone(
    account: Account, client_of_vibes: Client
) -> None:
    elsewhere = "https://elsewhere.example.com/hook"
    client_of_vibes.register_callback("subscription_added", elsewhere, {"list_id": "1234"})
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    for each in account.lists.all():
        senders.ensure_sender(each, client_of_vibes, NOON)

    assert registrations.ensure_callbacks(account, client_of_vibes, NOON) == 9
    assert registrations.ensure_callbacks(account, client_of_vibes, NOON) == 0

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
        "unmatched_message_received",
    ]
    assert [each.ends_at for each in found if each.url == elsewhere] == [None]


def test_registers_by_campaign_where_vibes_knows_no_company_wide_kind(
    account: Account, client_of_vibes: Client, simulator: Simulator
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    wanted = {each.callback_type for each in registrations.wanted_callbacks(account)}
    assert "company_participant_added" in wanted
    simulator.fault("status", status=422, method="POST", path="config/callbacks", nth=5)

    registrations.ensure_callbacks(account, client_of_vibes, NOON)

    kinds = [each.callback_type for each in client_of_vibes.callbacks()]
    assert kinds.count("ack_participant_added") == account.acquisition_campaigns.count()


def test_ends_what_stood_under_the_previous_address(
    account: Account, client_of_vibes: Client
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    registrations.ensure_callbacks(account, client_of_vibes, NOON)
    account.previous_callback_token, account.callback_token = account.callback_token, "new"

    assert registrations.ensure_callbacks(account, client_of_vibes, LATER) == 7

    old = registrations.callback_address(account.previous_callback_token)
    assert all(each.ends_at for each in client_of_vibes.callbacks() if each.url == old)
