"""The page of *Test for…*: people are found and chosen, and their path is read."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Campaign
from people.models import Person
from tests.campaigns import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    return make.subscriber(make.vibes_list(), city="Chicago", first_name="Ana")


def address(campaign: Campaign) -> str:
    return reverse("campaigns:test-for", args=[campaign.pk])


def test_people_are_found_by_what_is_typed(client: Client, ana: Person) -> None:
    campaign = make.ready_campaign()

    text = client.get(address(campaign), {"q": "ana"}).content.decode()
    nobody = client.get(address(campaign), {"q": "zzz"}).content.decode()

    assert f"?person={ana.pk}" in text
    assert "Nobody found." in nobody


def test_the_path_is_read_from_the_top_down(client: Client, ana: Person) -> None:
    campaign = make.ready_campaign()
    make.step(campaign, make.wait(2))

    text = client.get(address(campaign), {"person": ana.pk}).content.decode()

    assert "The smart list takes them." in text
    assert text.index("Would be texted") < text.index("Hi Ana") < text.index("Would wait until")


def test_people_of_no_page_are_not_shown(client: Client, ana: Person) -> None:
    Person.objects.filter(pk=ana.pk).update(deleted_at=make.NOON)

    text = client.get(address(make.ready_campaign()), {"person": ana.pk}).content.decode()

    assert "What would become of" not in text


def test_a_step_costs_what_its_forecast_asks(client: Client, ana: Person) -> None:
    few, many = make.campaign("Few"), make.campaign("Many")
    for campaign, number in ((few, 2), (many, 12)):
        for days in range(1, number + 1):
            make.step(campaign, make.wait(days))
    costs = []
    client.get(address(few), {"person": ana.pk})  # what is asked once a process
    for campaign in (few, many):
        with CaptureQueriesContext(connection) as counted:
            client.get(address(campaign), {"person": ana.pk})
        costs.append(len(counted))

    assert costs[1] - costs[0] == 10  # of Wait: who is there
