"""Adding and changing a service: what works is kept, what does not says where and loses nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from tests.vibes.authority import Authority
from tests.vibes.browsing import browser_of, page_of, typed
from tests.vibes.make import NOON
from tests.vibes.pretend import Simulator
from vibes import checklist, connection, diagnosis, holding, registrations
from vibes.client import NotTrusted
from vibes.forms import AccountForm
from vibes.models import Account

NEW = "/vibes/services/new/"


@pytest.fixture
def keeper(db: None) -> Browser:
    """Somebody who may add and change services."""
    return browser_of("add_account", "change_account")


class Rubbish(BaseHTTPRequestHandler):
    """Answers everything with a page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>It works!</html>")

    def log_message(self, *_: Any) -> None:
        """Quietly."""


@pytest.fixture
def rubbish() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Rubbish)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def errors(answer: Any) -> dict[str, str]:
    return {field: " ".join(words) for field, words in answer.context["form"].errors.items()}


def kept(answer: Any) -> str:
    found = re.search(r'name="kept" value="([^"]*)"', page_of(answer))
    assert found
    return found.group(1)


def test_a_new_service_that_answers_is_connected(keeper: Browser, simulator: Simulator) -> None:
    answer = keeper.post(NEW, typed(base_url=simulator.url))

    assert answer["Location"] == "/vibes/"
    account = Account.objects.get()
    assert account.health == Account.Health.CONNECTED
    assert account.sync_wanted_at is not None
    connection.sync(account, now=NOON)
    assert [item.done for item in checklist.items()] == [True, True]


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"password": "wrong"}, "password", "refuses this username and password"),
        ({"company_key": "NOBODY"}, "company_key", "knows nothing under this company key"),
        ({"base_url": "http://127.0.0.1:9"}, "base_url", "cannot be reached"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
    keeper: Browser, simulator: Simulator, wrong: dict[str, str], field: str, words: str
) -> None:
    answer = keeper.post(NEW, typed(base_url=simulator.url) | wrong)

    assert answer.status_code == 422
    assert words in errors(answer)[field]
    assert 'value="DEMO0001"' in page_of(answer) or field == "company_key"
    assert "Save anyway" in page_of(answer)
    assert not Account.objects.exists()


def test_a_host_that_answers_rubbish_is_not_vibes(keeper: Browser, rubbish: str) -> None:
    answer = keeper.post(NEW, typed(base_url=rubbish))

    assert "no answer that Vibes would give" in errors(answer)["base_url"]


def test_an_outage_of_vibes_is_not_blamed_on_a_setting(
    keeper: Browser, simulator: Simulator
) -> None:
    simulator.fault("status", status=502, path="*")

    answer = keeper.post(NEW, typed(base_url=simulator.url))

    assert "has trouble of its own" in errors(answer)["__all__"]


def test_a_host_that_is_not_trusted_is_told_from_one_that_is_away(account: Account) -> None:
    found = diagnosis.of(account, NotTrusted("Its certificate is not trusted here: self-signed."))

    assert found.field == "base_url"
    assert "VIBES_CA_BUNDLE" in found.words


def test_a_password_is_not_typed_twice_and_never_shown(
    keeper: Browser, simulator: Simulator
) -> None:
    wrong = typed(base_url=simulator.url, company_key="NOBODY")
    answer = keeper.post(NEW, wrong | {"password": "demo"})
    assert "What you gave is kept" in page_of(answer)
    assert 'type="password" name="password" value' not in page_of(answer)

    keeper.post(NEW, typed(base_url=simulator.url, password="", kept=kept(answer)))

    assert Account.objects.get().password == "demo"


def test_a_form_with_a_gap_keeps_the_password_too(keeper: Browser, simulator: Simulator) -> None:
    answer = keeper.post(NEW, typed(base_url=simulator.url, name=""))

    keeper.post(NEW, typed(base_url=simulator.url, password="", kept=kept(answer)))

    assert Account.objects.get().password == "demo"


def test_what_is_sealed_for_one_form_opens_in_no_other(
    keeper: Browser, account: Account, simulator: Simulator
) -> None:
    token = kept(keeper.post(NEW, typed(base_url=simulator.url, password="x", name="")))

    keeper.post(reverse("vibes:account", args=[account.pk]), typed(password="", kept=token))

    account.refresh_from_db()
    assert account.password == "demo"


def test_a_certificate_that_is_none_does_not_come_back_with_the_next_try(
    keeper: Browser, simulator: Simulator
) -> None:
    new = typed(base_url=simulator.url)
    token = kept(keeper.post(NEW, new | {"client_certificate": "not a certificate"}))

    keeper.post(NEW, new | {"password": "", "kept": token})

    account = Account.objects.get()
    assert (account.password, account.client_certificate) == ("demo", "")


def test_save_anyway_keeps_everything_and_sends_nothing(
    keeper: Browser, simulator: Simulator
) -> None:
    wrong = typed(base_url=simulator.url, password="wrong")
    token = kept(keeper.post(NEW, wrong))

    keeper.post(NEW, wrong | {"password": "", "kept": token, "anyway": "1"})

    account = Account.objects.get()
    assert (account.password, account.health) == ("wrong", Account.Health.REFUSED)
    assert account.held_until is not None


def test_a_working_service_survives_a_wrong_password(keeper: Browser, account: Account) -> None:
    address = reverse("vibes:account", args=[account.pk])

    keeper.post(address, typed(base_url=account.base_url, password="wrong"))

    account.refresh_from_db()
    assert account.password == "demo"


def test_the_password_stays_when_left_empty(keeper: Browser, account: Account) -> None:
    address = reverse("vibes:account", args=[account.pk])

    keeper.post(address, typed(password="", base_url=account.base_url, name="Renamed"))

    account.refresh_from_db()
    assert (account.name, account.password) == ("Renamed", "demo")


def test_saving_undoes_nothing_that_happened_while_vibes_was_asked(account: Account) -> None:
    form = AccountForm(typed(base_url=account.base_url, name="Renamed"), instance=account)
    assert form.is_valid()
    meanwhile = Account.objects.get()
    registrations.rotate(meanwhile, NOON)
    holding.hold(meanwhile, "no", now=NOON)

    form.save()

    saved = Account.objects.get()
    assert (saved.name, saved.callback_token) == ("Renamed", meanwhile.callback_token)
    assert (saved.held_until, saved.sync_wanted_at) == (NOON + holding.FIRST, NOON)


def test_the_password_is_not_led_away_by_another_address(db: None, account: Account) -> None:
    led = typed(password="", region="custom", base_url="http://127.0.0.1:666")

    form = AccountForm(led, instance=account)

    assert "another address" in str(form.errors["password"])
    assert AccountForm(led | {"password": "demo"}, instance=account).is_valid()


def test_a_source_code_that_vibes_does_not_list_is_warned_of(
    keeper: Browser, simulator: Simulator
) -> None:
    code = typed(base_url=simulator.url, source_code="99999")
    page = page_of(keeper.post(NEW, code, follow=True))
    assert "99999 is not among the source codes of this login (" in page

    address = reverse("vibes:source-codes", args=[Account.objects.get().pk])
    offered = page_of(keeper.get(address))
    assert '<option value="65301">' in offered
    assert "99999 is not among" in offered


# --- The client certificate -----------------------------------------------------------------------


def test_a_certificate_is_kept_replaced_and_removed(keeper: Browser, account: Account) -> None:
    address = reverse("vibes:account", args=[account.pk])
    pem = Authority(timezone.now()).issue("Ringdove").pem
    same = typed(base_url=account.base_url, password="")

    keeper.post(address, same | {"client_certificate": pem})
    account.refresh_from_db()
    assert account.client_certificate.strip() == pem.strip()

    page = page_of(keeper.get(address))
    assert "There is one" in page
    assert "PRIVATE KEY" not in page

    keeper.post(address, same)
    account.refresh_from_db()
    assert account.client_certificate != ""
    keeper.post(address, same | {"without_certificate": "on"})
    account.refresh_from_db()
    assert account.client_certificate == ""


def test_a_certificate_that_is_none_is_refused_in_words(db: None) -> None:
    form = AccountForm(typed(client_certificate="-----BEGIN CERTIFICATE-----"))

    assert not form.is_valid()
    assert "certificate" in str(form.errors["client_certificate"])
    assert "BEGIN" not in str(form["client_certificate"])


# --- Where calls may go ---------------------------------------------------------------------------


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
