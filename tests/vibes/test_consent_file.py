"""The evidence for one person, on the page and as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.urls import reverse

from people import editing, spreadsheet
from people.models import Person
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from vibes import consent, consent_file, subscriptions
from vibes.models import Subscription, VibesList

State = Subscription.State
HOUR = timedelta(hours=1)


@pytest.fixture
def offers(db: None) -> VibesList:
    return make.vibes_list(make.account())


@pytest.fixture
def ana(db: None) -> Person:
    return people.person(mobile=ANA)


@pytest.fixture
def browser(db: None) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_user("ben"))
    return browser


def opts_in(offers: VibesList, mobile: str = ANA, hours: int = 0) -> None:
    campaign = offers.acquisition_campaigns.first()
    at = NOON + hours * HOUR
    subscriptions.change(
        mobile,
        offers,
        State.PENDING,
        source=consent.OUR_CALL,
        told_at=at,
        now=at,
        acquisition_campaign=campaign,
        cause={"campaign_id": 1, "run_id": 2, "step_id": 3},
    )
    later = at + timedelta(minutes=1)
    subscriptions.change(
        mobile,
        offers,
        State.SUBSCRIBED,
        source=consent.TOLD,
        told_at=later,
        now=later,
        cause={"callback_id": 9},
    )


def cells(browser: Browser, person: Person) -> list[dict[str, str]]:
    answer = browser.get(reverse("vibes:consent-export", args=[person.pk]))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text.removeprefix(spreadsheet.BOM))))


def test_says_who_how_when_and_in_which_words(
    browser: Browser, ana: Person, offers: VibesList
) -> None:
    make.campaign(offers, wording="=Reply Y to join Offers")
    opts_in(offers)

    asked, answered = cells(browser, ana)
    assert asked == {
        "Recorded at": "2026-06-01T17:00:00+00:00",
        "So since, by Vibes' clock": "2026-06-01T17:00:00+00:00",
        "Mobile Phone Number": ANA,
        "About": "Offers",
        "Before": "",
        "After": "Waiting for an answer",
        "By whom": "A flow step",
        "How we know": "Vibes' answer to a flow step",
        "Reason": "",
        "Acquisition campaign": "Offers by web",
        "Wording of the question": "'=Reply Y to join Offers",
        "Vibes' key of the person": "",
        "Callback": "",
        "Smart campaign": "1",
        "Run": "2",
        "Flow step": "3",
    }
    assert answered["By whom"] == "The person, from the handset"
    assert (answered["Before"], answered["Callback"]) == ("Waiting for an answer", "9")


def test_a_former_number_counts_for_the_time_it_was_held(ana: Person, offers: VibesList) -> None:
    opts_in(offers)
    editing.change(ana, editing.number(BEN, region="US"), by="ada", now=NOON + HOUR)
    opts_in(offers, hours=2)  # by whoever holds it now
    opts_in(offers, BEN, hours=2)

    found = consent_file.of(ana).values_list("mobile", "recorded_at__hour")
    assert set(found) == {(ANA, 17), (BEN, 19)}


def test_somebody_without_a_number_has_no_evidence(offers: VibesList) -> None:
    opts_in(offers)
    assert not consent_file.of(people.person(mobile="")).exists()


def test_the_page_shows_the_newest_and_offers_all(
    browser: Browser, ana: Person, offers: VibesList
) -> None:
    make.campaign(offers, wording="Reply Y to join Offers")
    for hours in range(4):
        opts_in(offers, hours=hours)
        at = NOON + hours * HOUR + timedelta(minutes=30)
        subscriptions.change(
            ANA, offers, State.UNSUBSCRIBED, source="callback", told_at=at, now=at, reason="stop"
        )

    panel = browser.get(reverse("vibes:may-we-text", args=[ana.pk])).content.decode()
    assert panel.count("#clock-history") == 5
    assert "the person texted STOP" in panel
    assert "“Reply Y to join Offers”" in panel
    assert reverse("vibes:consent-export", args=[ana.pk]) in panel


def test_the_page_says_when_there_is_none(browser: Browser, ana: Person) -> None:
    panel = browser.get(reverse("vibes:may-we-text", args=[ana.pk])).content.decode()
    assert "Nothing is recorded yet" in panel
    assert reverse("vibes:consent-export", args=[ana.pk]) not in panel
