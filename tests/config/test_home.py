"""The Home page."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from campaigns import tree
from config import home
from people.checklist import Item
from people.models import Person
from tests.campaigns import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create(username="ada", first_name="Ada"))
    return client


def two_items() -> list[Item]:
    return [Item("Breathe in", "/in/", done=True), Item("Breathe out", "/out/", done=False)]


def test_every_app_adds_to_the_list_of_what_to_do(client: Client, settings: Settings) -> None:
    settings.HOME_CHECKLIST = [f"{__name__}.two_items"]

    page = client.get("/")

    assert page.context["checklist"] == two_items()
    assert "1 of 2 done" in page.content.decode()
    assert "Go: Breathe out" in page.content.decode()
    assert "Go: Breathe in" not in page.content.decode()


def test_figures_are_counted_up_to_a_limit(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "COUNTED_UP_TO", 2)
    Person.objects.bulk_create([Person(created_at=now, updated_at=now) for _ in range(3)])

    people = home.counts()[0]

    assert (people.value, people.is_more) == (2, True)


def test_the_newest_runs_stand_first(client: Client, now: datetime) -> None:
    campaign = tree.create_campaign(parent=None, name="Send to Chicago", by=None, now=now)
    version = campaign.versions.create(number=1, content={}, published_at=now)
    campaign.runs.create(version=version, token="1", started_at=now, entered=1_234)

    page = client.get("/").content.decode()

    assert "Send to Chicago" in page
    assert "1,234 people entered" in page


def test_home_says_what_is_planned_and_what_somebody_must_decide(
    client: Client, now: datetime
) -> None:
    campaign = make.ready_campaign()
    make.slot(campaign, now, "missed")
    make.slot(campaign, now + timedelta(days=9))

    page = client.get("/").content.decode()

    assert "“Send to Chicago” missed its run of June 1, 2026, noon (America/Chicago)." in page
    assert "June 10, 2026, noon (America/Chicago)" in page


def test_home_costs_the_same_for_any_number_of_runs(
    client: Client, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    campaign = tree.create_campaign(parent=None, name="Send to Chicago", by=None, now=now)
    version = campaign.versions.create(number=1, content={}, published_at=now)
    for token in range(10):
        campaign.runs.create(version=version, token=str(token), started_at=now)

    with django_assert_max_num_queries(28):
        client.get("/")
