"""A service that was made by mistake goes, with all that is ours at Vibes; one that was used stays."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from tests.vibes import make, owing
from tests.vibes.browsing import browser_of, page_of
from tests.vibes.make import ANA, NOON
from tests.vibes.pretend import Simulator
from vibes import connection, deleting, registrations, senders
from vibes.client import Client
from vibes.models import Account, ConsentEntry, Subscription, VibesList


@pytest.fixture
def synced(account: Account) -> Account:
    assert connection.sync(account, now=NOON)
    return account


@pytest.fixture
def remover(db: None) -> Browser:
    return browser_of("change_account", "delete_account")


def address(account: Account) -> str:
    return reverse("vibes:delete", args=[account.pk])


def standing(client: Client) -> list[str]:
    """What is registered at Vibes and not ended."""
    return [each.url for each in client.callbacks() if each.ends_at is None]


def sender_states(client: Client, event_types: list[str]) -> set[str]:
    return {each.status for name in event_types for each in client.senders(name)}


def test_ends_what_is_ours_at_vibes_and_deletes_the_service(
    synced: Account, client_of_vibes: Client
) -> None:
    client_of_vibes.register_callback("subscription_added", "https://elsewhere.example.com/", {})
    made = list(synced.lists.values_list("event_type", flat=True))
    make.subscription(synced.lists.get(name="Offers"))

    assert deleting.delete(synced, now=NOON) == ""

    assert not Account.objects.exists()
    assert not Subscription.objects.exists()
    assert standing(client_of_vibes) == ["https://elsewhere.example.com/"]
    assert sender_states(client_of_vibes, made) == {"canceled"}


def test_what_is_another_services_at_vibes_stays(synced: Account, client_of_vibes: Client) -> None:
    other = make.account(name="Beside", callback_token="beside", base_url=synced.base_url)
    made = list(synced.lists.values_list("event_type", flat=True))
    beside = registrations.callback_address(other.callback_token)
    client_of_vibes.register_callback("subscription_added", beside, {"list_id": "1234"})

    deleting.delete(synced, now=NOON)

    assert standing(client_of_vibes) == [beside]
    assert sender_states(client_of_vibes, made) == {senders.IN_PROGRESS}


def test_goes_also_where_vibes_does_not_answer_and_says_so(
    synced: Account, simulator: Simulator, remover: Browser
) -> None:
    simulator.fault("status", status=500, path="event_triggered_messages", times=50)

    page = page_of(remover.post(address(synced), follow=True))

    assert not Account.objects.exists()
    assert "the senders of its lists" in page
    assert "the callbacks registered for it" not in page


def test_the_consent_ledger_stays(synced: Account) -> None:
    ConsentEntry.objects.create(
        mobile=ANA, account_id=synced.pk, became="subscribed", source="test", recorded_at=NOON
    )

    deleting.delete(synced, now=NOON)

    assert ConsentEntry.objects.count() == 1


def test_one_that_texted_stays_with_all_it_has_at_vibes(
    synced: Account, client_of_vibes: Client, remover: Browser
) -> None:
    owing.texts(synced.lists.get(name="Offers"), ANA)
    before = standing(client_of_vibes)

    answer = remover.post(address(synced))

    assert answer.status_code == 409
    assert "keep it" in page_of(answer)
    assert standing(client_of_vibes) == before != []


def test_stays_until_its_last_callback_is_applied(account: Account) -> None:
    waiting = account.callbacks.create(event_id="1", body="{}", received_at=NOON)
    assert "wait to be applied" in deleting.obstacle(account)

    account.callbacks.filter(pk=waiting.pk).update(applied_at=NOON)
    assert deleting.obstacle(account) == ""


def test_asks_first_and_says_what_goes(synced: Account, remover: Browser) -> None:
    assert address(synced) in page_of(remover.get(reverse("vibes:account", args=[synced.pk])))

    page = page_of(remover.get(address(synced)))

    assert "Delete this service" in page
    assert "Acquisition campaigns" in page
    assert VibesList.objects.filter(account=synced).exists()


def test_who_may_only_change_a_service_may_not_delete_it(account: Account) -> None:
    keeper = browser_of("change_account")
    assert keeper.post(address(account)).status_code == 403
    assert address(account) not in page_of(keeper.get(reverse("vibes:account", args=[account.pk])))
