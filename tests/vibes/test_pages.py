from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.urls import reverse

from people.models import Person
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA
from tests.vibes.pretend import Simulator
from vibes import checklist
from vibes.forms import AccountForm
from vibes.models import Account, Callback, Subscription, VibesList

HTMX = {"HX-Request": "true"}


def browser_of(**rights: Any) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_user(f"somebody{len(rights)}", **rights))
    return browser


@pytest.fixture
def staff(db: None) -> Browser:
    return browser_of(is_staff=True)


@pytest.fixture
def marketer(db: None) -> Browser:
    return browser_of()


def typed(**fields: Any) -> dict[str, Any]:
    """What somebody types into the form of a service."""
    return {
        "name": "Vibes",
        "username": "demo",
        "password": "demo",
        "company_key": "DEMO0001",
        "region": "simulator",
        "base_url": "",
        "source_code": "65301",
        "country_code": "1",
    } | fields


def test_invites_to_connect_where_nothing_is(staff: Browser, marketer: Browser) -> None:
    page = staff.get(reverse("vibes:home"))

    assert reverse("vibes:account-new") in page.content.decode()
    assert reverse("vibes:account-new") not in marketer.get("/vibes/").content.decode()


def test_a_new_service_is_connected_and_synced_at_once(
    staff: Browser, simulator: Simulator
) -> None:
    answer = staff.post(reverse("vibes:account-new"), typed(base_url=simulator.url))

    assert answer.status_code == 302
    account = Account.objects.get()
    assert account.health == Account.Health.CONNECTED
    assert sorted(account.lists.values_list("name", flat=True)) == ["Offers", "Service alerts"]
    assert [item.done for item in checklist.items()] == [True, True]


def test_a_service_that_does_not_work_is_kept_and_says_why(
    staff: Browser, simulator: Simulator
) -> None:
    staff.post(reverse("vibes:account-new"), typed(base_url=simulator.url, password="wrong"))

    account = Account.objects.get()
    assert account.health == Account.Health.REFUSED
    page = staff.get("/vibes/").content.decode()
    assert account.health_detail in page
    assert [item.done for item in checklist.items()] == [False, False]


def test_the_password_never_comes_out_and_stays_when_left_empty(
    staff: Browser, account: Account
) -> None:
    account.password = "a very secret one"
    account.save()
    address = reverse("vibes:account", args=[account.pk])

    assert "a very secret one" not in staff.get(address).content.decode()
    staff.post(address, typed(password="", base_url=account.base_url, name="Renamed"))

    account.refresh_from_db()
    assert (account.name, account.password) == ("Renamed", "a very secret one")


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254",
        "https://evil.example.com",
        "http://127.0.0.1@evil.example.com",
        "http://user:pass@127.0.0.1",
        "file:///etc/passwd",
        "http://127.0.0.1:8099/?x=1",
        "http://[::1",
        "http://127.0.0.1:port",
        "gopher://127.0.0.1",
        "https://public-api.vibescm.com.evil.example.com",
        "",
    ],
)
def test_calls_go_nowhere_but_to_listed_hosts(db: None, address: str) -> None:
    form = AccountForm(typed(region="custom", base_url=address))

    assert not form.is_valid()
    assert "base_url" in form.errors


@pytest.mark.parametrize(
    ("region", "address", "kept"),
    [
        ("us", "http://evil.example.com", ""),
        ("simulator", "", "http://127.0.0.1:8099"),
        ("custom", "http://localhost:9000/", "http://localhost:9000"),
        ("custom", "http://stand-in:9000", "http://stand-in:9000"),
    ],
)
def test_takes_listed_hosts(db: None, settings: Any, region: str, address: str, kept: str) -> None:
    settings.VIBES_ALLOW_HOSTS = ["stand-in"]
    form = AccountForm(typed(region=region, base_url=address))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["base_url"] == kept


@pytest.mark.parametrize("name", ["account", "test", "sync", "test-callbacks"])
def test_only_staff_may_change_or_try_a_service(
    marketer: Browser, account: Account, name: str
) -> None:
    assert marketer.post(reverse(f"vibes:{name}", args=[account.pk])).status_code == 403


@pytest.mark.parametrize("name", ["test", "sync", "test-callbacks"])
def test_nothing_is_tried_by_looking(staff: Browser, account: Account, name: str) -> None:
    assert staff.get(reverse(f"vibes:{name}", args=[account.pk])).status_code == 405


def test_shows_lists_members_campaigns_and_callbacks_to_everybody(
    staff: Browser, marketer: Browser, account: Account
) -> None:
    staff.post(reverse("vibes:sync", args=[account.pk]), headers=HTMX)
    offers = VibesList.objects.get(name="Offers")
    make.subscription(offers)
    make.subscription(offers, "+13125550102", state=Subscription.State.PENDING)
    Callback.objects.create(
        account=account, event_id="E1", kind="subscription_added", body="{}", received_at=make.NOON
    )

    page = marketer.get("/vibes/").content.decode()

    for words in ("Offers", "Service alerts", "Offers by web", "subscription_added", "Connected"):
        assert words in page
    assert "Sync now" not in page


def test_the_page_costs_the_same_for_many_lists(
    marketer: Browser, account: Account, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        make.campaign(
            make.vibes_list(account, vibes_id=f"L{number}", name=f"List {number}"),
            vibes_id=f"C{number}",
        )

    with django_assert_max_num_queries(10):
        marketer.get("/vibes/")


def test_a_test_callback_is_looked_for_until_it_comes(staff: Browser, account: Account) -> None:
    staff.post(reverse("vibes:sync", args=[account.pk]), headers=HTMX)
    answer = staff.post(reverse("vibes:test-callbacks", args=[account.pk]), headers=HTMX)
    assert "Waiting for it" in answer.content.decode()

    address = reverse("vibes:callback-arrived", args=[account.pk])
    old = {"event_id": "E1", "since": "2026-01-01T00:00:00+00:00"}
    assert "Nothing has arrived" in staff.get(address, old).content.decode()
    Callback.objects.create(account=account, event_id="E1", body="{}", received_at=make.NOON)
    assert "Vibes can reach us" in staff.get(address, old).content.decode()


@pytest.mark.parametrize("since", ["", "x", "2026-13-45T00:00", "2026-01-01T00:00:00"])
def test_a_meddled_address_is_no_error(staff: Browser, account: Account, since: str) -> None:
    address = reverse("vibes:callback-arrived", args=[account.pk])

    assert staff.get(address, {"event_id": "E1", "since": since}).status_code == 200


def test_says_when_vibes_sends_no_test(staff: Browser, account: Account) -> None:
    answer = staff.post(reverse("vibes:test-callbacks", args=[account.pk]), headers=HTMX)

    assert "Vibes did not send a test" in answer.content.decode()


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


ADMIN = ["account", "vibeslist", "acquisitioncampaign", "number", "subscription", "callback"]


@pytest.mark.parametrize("model", [*ADMIN, "outboxrow"])
def test_the_admin_shows_every_table(db: None, account: Account, model: str) -> None:
    admin = browser_of(is_staff=True, is_superuser=True)

    assert admin.get(reverse(f"admin:vibes_{model}_changelist")).status_code == 200


def test_the_admin_shows_no_secret(account: Account) -> None:
    account.password, account.callback_token = "secret-one", "secret-two"
    account.save()
    admin = browser_of(is_staff=True, is_superuser=True)

    page = admin.get(reverse("admin:vibes_account_change", args=[account.pk])).content.decode()

    assert "secret-" not in page
