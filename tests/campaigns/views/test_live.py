"""The page that follows a run: it looks again by itself, and draws only what is new."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns import outlook
from campaigns.models import Run
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes import pausing

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NOW = timezone.now


@pytest.fixture
def run() -> Run:
    offers = make.vibes_list()
    campaign = make.ready_campaign()
    make.subscribers(offers, 10, city="Chicago")
    return runs.running(campaign)


def look(client: Client, run: Run, **shown: str) -> Any:
    return client.get(reverse("campaigns:results-live", args=[run.pk]), shown, headers=HTMX)


def shown_by(response: Any) -> dict[str, str]:
    """What the page sends along when it looks again."""
    found = re.findall(r'name="(seen|said)" value="([^"]*)"', response.content.decode())
    return dict(found)


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def announced(response: Any) -> Any:
    heard = json.loads(response.headers.get("HX-Trigger", "{}"))
    return heard.get("announce", {}).get("text")


def test_draws_nothing_while_nothing_is_new(client: Client, run: Run) -> None:
    first = look(client, run)
    assert look(client, run, **shown_by(first)).status_code == 204

    runs.settle(run, number=1)

    assert "<b>1</b> sent" in words(look(client, run, **shown_by(first)))


def test_reads_out_every_tenth_of_the_way_once(client: Client, run: Run) -> None:
    before = look(client, run)
    runs.settle(run, number=3)

    after = look(client, run, **shown_by(before))

    assert announced(after) == "Running, 30% done"
    runs.settle(run, number=1)
    Run.objects.update(state=Run.State.PAUSED, paused_at=runs.NOON)
    assert announced(look(client, run, **shown_by(after))) == "Paused"


def test_a_page_opened_anew_reads_nothing_out(client: Client, run: Run) -> None:
    assert announced(look(client, run)) is None


def test_says_how_fast_it_goes_what_is_left_and_when_it_is_over(client: Client, run: Run) -> None:
    outlook.sample(now=NOW() - outlook.WINDOW)
    runs.settle(run, number=6)

    said = words(look(client, run))

    assert "<dd>0.1 texts a second</dd>" in said
    assert "<dt>Still to leave</dt><dd>4</dd>" in said
    assert "in about a second at the rate Vibes permits" in said


@pytest.mark.parametrize("who", ["somebody", "everybody"])
def test_names_no_end_while_it_is_paused(client: Client, run: Run, who: str) -> None:
    if who == "somebody":
        Run.objects.update(state=Run.State.PAUSED, paused_at=runs.NOON)
    else:
        pausing.hold_switch(by="Ben", why="A storm", now=NOW())

    said = words(look(client, run))

    assert "Still to leave" in said
    assert "at the rate Vibes permits" not in said


def test_costs_the_same_for_any_number_of_people(
    client: Client, run: Run, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    outlook.sample(now=NOW() - outlook.WINDOW)
    with django_assert_num_queries(27):
        look(client, run)

    make.subscribers(make.vibes_list("Others"), 300, city="Boston")
    other = runs.running(run.campaign)
    runs.settle(other, number=7)
    with django_assert_num_queries(27):
        look(client, run)
