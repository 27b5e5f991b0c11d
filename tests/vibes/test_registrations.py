from datetime import timedelta

from django.urls import reverse

from tests.vibes import make
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


# --- Told to people -------------------------------------------------------------------------------


def test_what_stands_is_kept_for_people_without_what_opens_a_door(
    account: Account, client_of_vibes: Client
) -> None:
    elsewhere = "https://elsewhere.example.com/hook/their-secret"
    client_of_vibes.register_callback("subscription_added", elsewhere, {"list_id": "1234"})
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    registrations.ensure_callbacks(account, client_of_vibes, NOON)

    kept = Account.objects.get().registrations
    assert (len(kept["wanted"]), len(kept["present"]), kept["missing"]) == (7, 7, [])
    (foreign,) = kept["foreign"]
    assert (foreign["type"], foreign["scope"]) == ("subscription_added", "1234")
    assert foreign["url"] == "https://elsewhere.example.com/…"
    assert account.callback_token not in str(kept)


def test_what_is_for_another_service_here_is_not_called_somebody_elses(
    account: Account, client_of_vibes: Client
) -> None:
    other = make.account(name="Beside", callback_token="beside-token")
    beside = registrations.callback_address(other.callback_token)
    client_of_vibes.register_callback("subscription_added", beside, {"list_id": "1234"})
    registrations.ensure_callbacks(account, client_of_vibes, NOON)

    kept = Account.objects.get(pk=account.pk).registrations
    assert kept["foreign"] == []
    assert [(each["type"], each["service"]) for each in kept["beside"]] == [
        ("subscription_added", "Beside")
    ]
    assert "beside-token" not in str(kept)


def test_a_registration_we_can_do_without_may_be_refused(
    account: Account, client_of_vibes: Client, simulator: Simulator
) -> None:
    catalogue.sync_catalogue(account, client_of_vibes, NOON)
    simulator.fault("status", status=422, method="POST", path="config/callbacks", nth=7)

    assert registrations.ensure_callbacks(account, client_of_vibes, NOON) == 6

    (missing,) = Account.objects.get().registrations["missing"]
    assert missing["type"] == "unmatched_message_received"
    assert missing["why"] != ""


# --- Rotation -------------------------------------------------------------------------------------


def urls(client: Client) -> set[str]:
    """Where Vibes calls; what was ended stays in its list with an end."""
    return {each.url for each in client.callbacks() if each.ends_at is None}


def test_a_rotation_moves_our_registrations_and_nobody_elses(
    account: Account, client_of_vibes: Client
) -> None:
    elsewhere = "https://elsewhere.example.com/hook"
    client_of_vibes.register_callback("subscription_added", elsewhere, {"list_id": "1234"})
    other = make.account(name="Beside", callback_token="beside")
    beside = registrations.callback_address(other.callback_token)
    client_of_vibes.register_callback("subscription_added", beside, {"list_id": "1234"})
    registrations.ensure_callbacks(account, client_of_vibes, NOON)
    before = account.callback_token

    assert registrations.rotate(account, NOON) == LATER
    registrations.ensure_callbacks(account, client_of_vibes, LATER)

    kept = Account.objects.get(pk=account.pk)
    assert kept.previous_callback_token == before != kept.callback_token
    now = registrations.callback_address(kept.callback_token)
    assert urls(client_of_vibes) == {elsewhere, beside, now}


def test_what_two_rotations_left_behind_is_ended_too(
    account: Account, client_of_vibes: Client
) -> None:
    first = registrations.callback_address(account.callback_token)
    registrations.ensure_callbacks(account, client_of_vibes, NOON)
    registrations.rotate(account, NOON)
    registrations.ensure_callbacks(account, client_of_vibes, NOON + timedelta(seconds=1))
    client_of_vibes.register_callback("subscription_added", first, {"list_id": "1234"})
    registrations.rotate(account, NOON + timedelta(seconds=2))
    registrations.ensure_callbacks(account, client_of_vibes, LATER)

    here = registrations.callback_address(account.callback_token)
    assert urls(client_of_vibes) == {here}


def test_the_previous_address_is_closed_after_a_day_once_all_has_moved(
    account: Account, client_of_vibes: Client
) -> None:
    registrations.rotate(account, NOON)
    assert registrations.forget_previous(LATER) == 0  # Vibes still calls it

    registrations.ensure_callbacks(account, client_of_vibes, NOON + timedelta(hours=1))
    assert registrations.forget_previous(LATER - timedelta(minutes=1)) == 0
    assert registrations.forget_previous(LATER) == 1
    assert Account.objects.get().previous_callback_token == ""
    assert registrations.forget_previous(LATER) == 0
