"""*May we text?* shows each gate with its value, who set it and when, and never another answer than the gate's."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people import editing
from people.models import Person
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, NOON
from vibes import gate, gates, subscriptions
from vibes.gates import Gate, Source
from vibes.models import Number, Subscription, VibesList

pytestmark = pytest.mark.django_db
State = Subscription.State
FLAGS: list[dict[str, Any]] = [
    {},
    {"block_listed": True},
    {"marketing_suspended": True},
    {"unsubscribed": True},
    {"deleted_at": NOON},
]
NUMBERS = ["", "call me", "+44 7400 123456", ANA]


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list(make.account())


def reasons(person: Person) -> list[str]:
    """For each list the first reason among the gates that are shown."""
    found = gates.of(person, now=NOON)
    return [
        next((each.reason for each in [*found.personal, line.membership] if each.reason), "")
        for line in found.lists
    ]


@pytest.mark.parametrize("stops_sms", [False, True])
def test_the_first_gate_that_is_shut_is_the_gates_own_answer(
    offers: VibesList, stops_sms: bool
) -> None:
    gate.EMAIL_OPT_OUT_STOPS_SMS.set(stops_sms)
    make.vibes_list(offers.account, vibes_id="5678", name="Never asked")
    for typed, line, state in itertools.product(NUMBERS, Number.Line, [None, *State]):
        Number.objects.all().delete()
        Subscription.objects.all().delete()
        somebody = people.person(mobile=typed)
        if somebody.mobile and line:
            Number.objects.create(mobile=somebody.mobile, line=line)
        if somebody.mobile and state:
            make.subscription(offers, somebody.mobile, state=state)
        for flags in FLAGS if line in ("", "landline") else FLAGS[:1]:
            for name in ("block_listed", "marketing_suspended", "unsubscribed", "deleted_at"):
                setattr(somebody, name, flags.get(name, None if name == "deleted_at" else False))
            somebody.save()

            answers = [each.reason for each in gate.explain(somebody, now=NOON)]
            assert reasons(somebody) == answers, (typed, line, state, flags)


def titled(person: Person, title: str) -> Gate:
    return next(each for each in gates.of(person, now=NOON).personal if each.title == title)


def test_a_gate_says_who_shut_it_when_and_why(offers: VibesList) -> None:
    ana = people.person(mobile=ANA)
    told = {"block_listed": True, "block_listed_reason": "Asked by letter"}
    editing.change(ana, told, by="ben", now=NOON)
    editing.change(ana, {"city": "Chicago"}, by="cleo", now=NOON + timedelta(hours=1))

    shut = titled(ana, "Block Listed")

    assert (shut.value, shut.reason, shut.note) == ("yes", "block-listed", "Asked by letter")
    assert shut.source == Source("ben", NOON)


def test_what_was_never_changed_is_that_of_whoever_made_the_person() -> None:
    values = {"first_name": "Ana", **editing.number(ANA, region="US")}
    ana = editing.create(values, by="An import", now=NOON)

    assert titled(ana, "Has a mobile number").source == Source("An import", NOON)
    editing.change(ana, editing.number("12", region="US"), by="ben", now=NOON + timedelta(hours=1))
    assert titled(ana, "The number is valid").source == Source("ben", NOON + timedelta(hours=1))


def test_a_membership_says_how_we_know_it(offers: VibesList) -> None:
    ana = people.person(mobile=ANA)
    subscriptions.change(
        ANA, offers, State.UNSUBSCRIBED, source="callback", told_at=NOON, now=NOON, reason="stop"
    )

    membership = gates.of(ana, now=NOON).lists[0].membership

    assert (membership.value, membership.reason) == ("Opted out", "opted-out")
    said = "The person, from the handset · Vibes told us · the person texted STOP"
    assert membership.source == Source(said, NOON)


def test_a_page_costs_the_same_for_many_lists_and_a_long_history(
    offers: VibesList, client: Client
) -> None:
    client.force_login(User.objects.create_user("ada"))
    ana = people.person(mobile=ANA)
    make.subscription(offers)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page = client.get(reverse("vibes:may-we-text", args=[ana.pk]))
        assert page.status_code == 200
        return len(found)

    queries()
    few = queries()
    for number in range(12):
        other = make.vibes_list(offers.account, vibes_id=f"id{number}", name=f"List {number}")
        make.subscription(other)
        for city in ("Rome", "Oslo"):
            editing.change(ana, {"city": city, "block_listed": False}, by="x", now=NOON)

    assert queries() == few


def test_the_panel_shows_the_gates_in_order(offers: VibesList, client: Client) -> None:
    client.force_login(User.objects.create_user("ada"))
    ana = people.person(mobile=ANA)
    editing.change(ana, {"marketing_suspended": True}, by="ben", now=NOON)

    page = client.get(reverse("vibes:may-we-text", args=[ana.pk])).content.decode()

    titles = [
        *("Deleted", "Block Listed", "Marketing Suspended", "Unsubscribed (e-mail)"),
        *("Has a mobile number", "The number is valid", "Country of the number", "Kind of number"),
    ]
    places = [page.index(f"<strong>{title}</strong>") for title in titles]
    assert places == sorted(places)
    assert "Stops texts" in page
    assert "<small>ben ·" in page
    assert "Texted here: US, CA." in page
