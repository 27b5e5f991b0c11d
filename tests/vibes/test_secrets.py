"""A run from the service's first save to a STOP, then a search for everything nobody should find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.utils import timezone

from campaigns import tasks as campaign_tasks
from campaigns.models import Run
from people.models import Person
from tests.campaigns import make as campaigns
from tests.people import files
from tests.people import make as people
from tests.vibes import leaks
from tests.vibes.authority import Authority
from tests.vibes.browsing import typed
from tests.vibes.leaks import Messages
from tests.vibes.make import ANA
from tests.vibes.pretend import Simulator
from vibes import tasks
from vibes.models import Account, AcquisitionCampaign, OutboxRow, Subscription, VibesList

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]
PASSWORD = "correct-horse-battery"
NUMBER = re.compile(r"(?:\+?1)?[-. (]*312[-. )]*555[-. ]*0101")
# The person's own record: who they are, what happened to them, what we owe them, what they agreed to.
OWN = re.compile(
    r"table people_(person|activity)"
    r"|table vibes_(outboxrow|subscription|number|stop|callback|consententry)"
    r"|/admin/(people/(person|activity)|vibes/(outboxrow|subscription|number|consententry))"
    r"|/database/people/|database file|export"
)


class Story:
    """What happened, and what was said of it."""

    def __init__(self, messages: Messages, logs: Any, pem: str) -> None:
        self.messages, self.logs = messages, logs
        account = Account.objects.get()
        self.secrets = [
            *(PASSWORD, pem.splitlines()[-2]),
            *(account.callback_token, account.previous_callback_token),
        ]

    def found_in(self, text: str) -> list[str]:
        return [secret for secret in self.secrets if secret in text]


@pytest.fixture
def browser(db: None) -> Browser:
    made = Browser()
    made.force_login(User.objects.create_superuser("ada"))
    return made


@pytest.fixture
def story(
    browser: Browser, simulator: Simulator, live_server: Any, settings: Any
) -> Iterator[Story]:
    settings.PUBLIC_URL = live_server.url
    simulator.put("settings", {"callback_allow": [live_server.url], "password": PASSWORD})
    with leaks.messages() as messages, leaks.logs() as logs:
        pem = _connect(browser, simulator)
        _work(messages, simulator)
        _invite_and_text(messages, simulator)
        simulator.texts(ANA, "STOP")
        _work(messages, simulator)
        yield Story(messages, logs, pem)
    simulator.put("settings", {"password": "demo"})


def _connect(browser: Browser, simulator: Simulator) -> str:
    """A wrong password first, then the right one with a certificate; tests; a new callback address."""
    pem = Authority(timezone.now()).issue("Ringdove").pem
    fields = typed(base_url=simulator.url, client_certificate=pem)
    browser.post("/vibes/services/new/", fields | {"password": f"{PASSWORD}2"})
    browser.post("/vibes/services/new/", fields | {"password": PASSWORD})
    account = Account.objects.get()
    for deed in ("sync", "test", "rotate", "test-callbacks"):
        browser.post(f"/vibes/services/{account.pk}/{deed}/")
    return pem


def _work(messages: Messages, simulator: Simulator) -> None:
    """Let workers and Vibes do what is to be done, until nothing is."""
    for _ in range(8):
        tasks.tick()
        campaign_tasks.tick()
        while messages.take():
            pass
        simulator.settle()


def _invite_and_text(messages: Messages, simulator: Simulator) -> None:
    people.person(mobile=ANA, city="Chicago", first_name="Ana")
    offers = VibesList.objects.get(name="Offers")
    by_web = AcquisitionCampaign.objects.get(name="Offers by web")
    for name, step in {
        "Invite": campaigns.ask_to_join(offers, by_web),
        "Text": campaigns.send(campaigns.approved_message(), offers),
    }.items():
        made = campaigns.campaign(name, filters=[campaigns.in_city()], steps=[step])
        campaigns.run(made)
        _work(messages, simulator)
        simulator.texts(ANA, "Y")
        _work(messages, simulator)


def _went_all_the_way(story: Story) -> bool:
    """Whether there was anything to tell at all."""
    return (
        Run.objects.filter(state=Run.State.FINISHED).count() == 2
        and {row.action for row in OutboxRow.objects.all()} == {"subscribe", "text"}
        and Subscription.objects.get().state == Subscription.State.UNSUBSCRIBED
        and Account.objects.get().health == Account.Health.CONNECTED
        and len(story.messages.seen) > 5
        and "vibes call" in story.logs.getvalue()
        and all(story.secrets)
    )


def everywhere(story: Story, browser: Browser) -> Iterator[tuple[str, str]]:
    """Each place where somebody might look, and all that is to be read there."""
    yield from ((f"table {name}", text) for name, text in leaks.tables().items())
    yield "database file", leaks.files().decode("latin-1")
    yield "logs", story.logs.getvalue()
    yield "messages to workers", "\n".join(story.messages.seen)
    yield from leaks.admin_pages(browser)
    yield from leaks.pages(browser, "/", "/vibes/", Person.objects.get().get_absolute_url())
    service = f"/vibes/services/{Account.objects.get().pk}/"
    yield from leaks.pages(browser, service, f"{service}source-codes/", f"{service}drift/")
    run = Run.objects.latest("pk")
    yield "export", str(files.taken_out("run_results", run=run.pk))


def test_secrets_are_found_nowhere_and_a_number_only_in_the_persons_own_record(
    story: Story, browser: Browser
) -> None:
    assert _went_all_the_way(story)
    places = dict(everywhere(story, browser))

    told = {place: found for place, text in places.items() if (found := story.found_in(text))}
    assert told == {}
    numbers = {place for place, text in places.items() if NUMBER.search(text)}
    assert {place for place in numbers if not OWN.match(place)} == set()
    assert {"table people_person", "table vibes_outboxrow"} <= numbers
    assert {"/admin/vibes/account/", "/vibes/"} <= places.keys()
