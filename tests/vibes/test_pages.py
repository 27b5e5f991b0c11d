"""The Vibes page: what a service has, and what can be done with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from people.models import Person
from tests.people import make as people
from tests.vibes import make
from tests.vibes.browsing import HTMX, browser_of, page_of
from tests.vibes.make import ANA, NOON
from tests.vibes.pretend import Simulator
from vibes import connection, tasks
from vibes.client import Client
from vibes.models import (
    Account,
    AcquisitionCampaign,
    Callback,
    Subscription,
    UnrecognisedReceipt,
    VibesList,
)

DEEDS = ["account", "test", "sync", "test-callbacks", "rotate"]


@pytest.fixture
def keeper(db: None) -> Browser:
    """Somebody who may add and change services."""
    return browser_of("add_account", "change_account")


@pytest.fixture
def marketer(db: None) -> Browser:
    return browser_of()


def home(browser: Browser) -> str:
    return page_of(browser.get("/vibes/"))


def do(browser: Browser, name: str, account: Account, **data: str) -> str:
    return page_of(browser.post(reverse(f"vibes:{name}", args=[account.pk]), data, headers=HTMX))


def test_invites_to_connect_where_nothing_is(keeper: Browser, marketer: Browser) -> None:
    assert reverse("vibes:account-new") in home(keeper)
    assert reverse("vibes:account-new") not in home(marketer)


@pytest.mark.parametrize("name", DEEDS)
def test_who_may_not_change_a_service_may_only_look(
    marketer: Browser, account: Account, name: str
) -> None:
    address = reverse(f"vibes:{name}", args=[account.pk])
    assert marketer.post(address).status_code == 403
    assert address not in home(marketer)


def test_the_staff_flag_alone_changes_nothing(account: Account) -> None:
    staff = browser_of(is_staff=True)
    assert staff.post(reverse("vibes:test", args=[account.pk])).status_code == 403


@pytest.mark.parametrize("name", ["test", "sync", "test-callbacks"])
def test_nothing_is_tried_by_looking(keeper: Browser, account: Account, name: str) -> None:
    assert keeper.get(reverse(f"vibes:{name}", args=[account.pk])).status_code == 405


def test_shows_lists_members_campaigns_and_callbacks_to_everybody(
    marketer: Browser, account: Account
) -> None:
    connection.sync(account, now=NOON)
    offers = VibesList.objects.get(name="Offers")
    make.subscription(offers)
    make.subscription(offers, "+13125550102", state=Subscription.State.PENDING)
    Callback.objects.create(
        account=account, event_id="E1", kind="subscription_added", body="{}", received_at=NOON
    )

    page = home(marketer)

    for words in ("Offers", "Service alerts", "Offers by web", "subscription_added", "Connected"):
        assert words in page
    assert "Sync now" not in page


def test_several_services_stand_side_by_side(marketer: Browser, account: Account) -> None:
    make.account(name="Second", company_key="OTHER", region="us", base_url="")

    page = home(marketer)

    assert page.count('class="service"') == 2
    assert "https://status.vibes.com" in page
    assert f"{account.base_url}/_sim/" in page


def test_the_page_costs_the_same_for_many_lists(
    marketer: Browser, account: Account, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        make.campaign(
            make.vibes_list(account, vibes_id=f"L{number}", name=f"List {number}"),
            vibes_id=f"C{number}",
        )

    with django_assert_max_num_queries(17):
        marketer.get("/vibes/")


# --- Sync -----------------------------------------------------------------------------------------


def sync_state(browser: Browser, account: Account, since: Any) -> Any:
    address = reverse("vibes:sync-state", args=[account.pk])
    return browser.get(address, {"since": since.isoformat()}, headers=HTMX)


def test_a_sync_is_asked_for_waited_for_and_told(keeper: Browser, account: Account) -> None:
    make.vibes_list(account, vibes_id="9999", name="Old")
    assert "Asking Vibes for lists" in do(keeper, "sync", account)
    account.refresh_from_db()
    since = account.sync_wanted_at
    assert "Asking Vibes for lists" in page_of(sync_state(keeper, account, since))

    tasks.sync_account(account_id=account.pk)
    answer = sync_state(keeper, account, since)

    assert answer["HX-Retarget"] == f"#service-{account.pk}"
    assert "2 lists, 3 acquisition campaigns; 1 list gone" in answer["HX-Trigger"]
    assert "Gone at Vibes" in page_of(answer)


def test_a_sync_that_fails_says_why(
    keeper: Browser, account: Account, simulator: Simulator
) -> None:
    do(keeper, "sync", account)
    account.refresh_from_db()
    simulator.fault("status", status=500, path="subscription_lists")

    tasks.sync_account(account_id=account.pk)

    answer = sync_state(keeper, account, account.sync_wanted_at)
    assert "Not reachable: Answered 500" in answer["HX-Trigger"]


def test_says_when_nobody_takes_a_sync_up(keeper: Browser, account: Account) -> None:
    wanted_at = timezone.now() - timedelta(minutes=2)
    Account.objects.update(sync_wanted_at=wanted_at)

    assert "Is a worker running?" in page_of(sync_state(keeper, account, wanted_at))


# --- A hold, callbacks and words nobody knows -----------------------------------------------------


def test_a_hold_is_lifted_by_trying_again(keeper: Browser, account: Account) -> None:
    Account.objects.update(held_until=NOON, health=Account.Health.REFUSED, health_detail="No")
    assert "Try again now" in home(keeper)

    page = do(keeper, "test", account)

    account.refresh_from_db()
    assert (account.held_until, account.health) == (None, Account.Health.CONNECTED)
    assert "Try again now" not in page


def test_a_hold_stays_while_vibes_refuses(
    keeper: Browser, account: Account, simulator: Simulator
) -> None:
    Account.objects.update(held_until=NOON, password="wrong")
    account.refresh_from_db()
    account.password = "wrong"
    account.save()

    assert "refuses this username and password" in do(keeper, "test", account)

    account.refresh_from_db()
    assert account.held_until is not None


def test_rotating_asks_first_and_says_how_long_the_old_address_works(
    keeper: Browser, account: Account
) -> None:
    address, before = reverse("vibes:rotate", args=[account.pk]), account.callback_token
    assert "goes on working for a day" in page_of(keeper.get(address, headers=HTMX))

    page = page_of(keeper.post(address, follow=True))

    account.refresh_from_db()
    assert account.callback_token != before == account.previous_callback_token
    assert account.sync_wanted_at is not None
    assert "the old one works too" in page


def test_shows_registrations_wanted_present_missing_and_foreign(
    marketer: Browser, account: Account
) -> None:
    line = {"type": "subscription_added", "scope": "1234", "url": "/vibes/callbacks/…/"}
    kept = {"at": NOON.isoformat(), "wanted": [line, line], "present": [line]}
    kept |= {"missing": [line | {"why": "no such type"}], "foreign": [line]}
    Account.objects.update(registrations=kept)

    page = home(marketer)

    assert "2 registrations wanted at Vibes: 1 there, 1 missing." in page
    assert "1 belongs to somebody else" in page
    assert "no such type" in page


def test_words_nobody_knows_lead_to_where_they_are_explained(account: Account) -> None:
    UnrecognisedReceipt.objects.create(
        *(),
        account=account,
        type="carrier",
        status="weird",
        reason="x y",
        count=7,
        first_at=NOON,
        last_at=NOON,
    )
    admin = browser_of(is_superuser=True, is_staff=True)

    page = home(admin)

    assert "weird" in page
    add = reverse("admin:vibes_eventoutcome_add")
    assert f"{add}?type=carrier&amp;status=weird&amp;piece=x%20y" in page
    assert admin.get(add, {"type": "carrier", "status": "weird"}).status_code == 200


def test_a_test_callback_is_looked_for_until_it_comes(keeper: Browser, account: Account) -> None:
    connection.sync(account, now=NOON)
    assert "Waiting for it" in do(keeper, "test-callbacks", account)

    address = reverse("vibes:callback-arrived", args=[account.pk])
    old = {"event_id": "E1", "since": "2026-01-01T00:00:00+00:00"}
    missing = page_of(keeper.get(address, old))
    assert "Nothing has arrived. Vibes was to call http" in missing  # which says what to correct
    Callback.objects.create(account=account, event_id="E1", body="{}", received_at=NOON)
    assert "Vibes can reach us" in page_of(keeper.get(address, old))


@pytest.mark.parametrize("since", ["", "x", "2026-13-45T00:00", "2026-01-01T00:00:00"])
@pytest.mark.parametrize("name", ["callback-arrived", "sync-state"])
def test_a_meddled_address_is_no_error(
    keeper: Browser, account: Account, name: str, since: str
) -> None:
    address = reverse(f"vibes:{name}", args=[account.pk])

    assert keeper.get(address, {"event_id": "E1", "since": since}, headers=HTMX).status_code == 200


def test_says_when_vibes_sends_no_test(keeper: Browser, account: Account) -> None:
    assert "Vibes did not send a test" in do(keeper, "test-callbacks", account)


# --- A list's sender, a campaign's question -------------------------------------------------------


def test_a_sender_made_by_hand_is_used_after_a_look(
    keeper: Browser, account: Account, simulator: Simulator
) -> None:
    connection.sync(account, now=NOON)
    offers = VibesList.objects.get(name="Offers")
    address = reverse("vibes:sender", args=[offers.pk])
    assert "{{ ev.message_body }}" in page_of(keeper.get(address, headers=HTMX))
    assert "No campaign at Vibes fires on nobodys" in page_of(
        keeper.post(address, {"event_type": "nobodys"}, headers=HTMX)
    )
    with Client(account) as client:
        client.create_sender(
            name="By hand", event_type="by_hand", list_id="1234", starts=timezone.now().date()
        )

    keeper.post(address, {"event_type": "by_hand"}, headers=HTMX)
    offers.refresh_from_db()
    assert (offers.event_type, offers.sender_typed) == ("by_hand", True)

    keeper.post(address, {"own": "1"})
    connection.sync(account, now=NOON)
    offers.refresh_from_db()
    assert offers.sender_typed is False
    assert offers.event_type.startswith("rd_")


def test_the_wording_of_a_question_is_kept(
    keeper: Browser, marketer: Browser, offers_by_web: AcquisitionCampaign
) -> None:
    address = reverse("vibes:wording", args=[offers_by_web.pk])
    assert marketer.post(address, {"wording": "x"}).status_code == 403

    keeper.post(address, {"wording": "Reply Y to join."}, headers=HTMX)

    offers_by_web.refresh_from_db()
    assert offers_by_web.wording == "Reply Y to join."
    assert "Reply Y to join." in home(marketer)


# --- May we text? ---------------------------------------------------------------------------------


def panel(browser: Browser, person: Person) -> str:
    return browser.get(reverse("vibes:may-we-text", args=[person.pk])).content.decode()


def test_says_of_each_list_whether_we_may_text(marketer: Browser, offers: VibesList) -> None:
    make.vibes_list(offers.account, vibes_id="5678", name="Service alerts")
    make.subscription(offers)
    shown = panel(marketer, people.person(mobile=ANA))

    assert "May be texted now" in shown
    assert "Vibes has not been asked about this number yet" in shown


def test_says_why_somebody_without_a_number_is_not_texted(
    marketer: Browser, offers: VibesList
) -> None:
    assert "No mobile number" in panel(marketer, people.person())


def test_there_is_nothing_to_say_without_a_list(marketer: Browser, db: None) -> None:
    assert "Connect Vibes first" in panel(marketer, people.person(mobile=ANA))


def test_no_sentence_ends_in_a_time_with_a_full_stop_of_its_own(
    marketer: Browser, account: Account
) -> None:
    Account.objects.update(held_until=NOON)
    make.vibes_list(account, gone_at=NOON)

    page = home(marketer)

    assert ".m." in page
    assert ".m.." not in page
