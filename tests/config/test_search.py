"""The search of every page: what it finds, for whom, at which price, and that its words are in no log."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from config import places, search
from config.logs import masked
from people import patience
from people.models import Person
from tests.campaigns import make
from tests.people import make as people
from vibes.models import VibesList

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(people.user())
    return client


def found(words: str, user: Any = None) -> dict[str, list[str]]:
    groups = search.find(words, user=user or User(username="ben"))
    return {str(title): [str(line.name) for line in lines] for title, lines in groups}


def test_finds_assets_people_lists_and_commands_in_groups() -> None:
    make.vibes_list("New offers")
    make.campaign("New in spring")
    people.person(first_name="Newton")

    groups = found("new", make.user())

    assert groups["Marketing Activities"] == ["New in spring"]
    assert groups["People"] == ["Newton"]
    assert groups["Vibes lists"] == ["New offers"]
    assert groups["Pages and commands"][:2] == ["New smart campaign", "New SMS message"]


@pytest.mark.parametrize("typed", ["(312) 555-0142", "312.555.0142", "+1 312 555 0142"])
def test_finds_a_number_in_any_spelling(typed: str) -> None:
    people.person(first_name="Ana", mobile="312-555-0142")

    assert found(typed)["People"] == ["Ana"]


@pytest.mark.parametrize(
    ("typed", "begins"),
    [("smart", True), ("NEW CAMP", True), ("camp new", True), ("mart", False), ("new x", False)],
)
def test_words_begin_as_they_were_typed(typed: str, begins: bool) -> None:
    assert places.begin(typed, "New smart campaign") is begins


def test_a_command_is_offered_to_whoever_may() -> None:
    ben, ada = people.user("ben"), people.user("ada", "import_people", "control_any_run")

    assert (found("import people", ben), found("pause", ben)) == ({}, {})
    assert found("import people", ada) == {"Pages and commands": ["Import people"]}
    assert found("pause", ada) == {"Pages and commands": ["Pause everything"]}


def test_every_page_and_command_answers(admin_client: Client) -> None:
    for each in places.COMMANDS:
        assert admin_client.get(each.url).status_code == 200, each.name


def test_a_list_leads_to_its_line(admin_client: Client) -> None:
    offers = make.vibes_list()

    [(_title, [line])] = search.find("offe", user=people.user())

    place = f"list-{VibesList.objects.get(pk=offers.pk).pk}"
    assert line.url == f"/vibes/#{place}"
    assert f'id="{place}"' in admin_client.get("/vibes/").content.decode()


def test_costs_the_same_however_much_is_found(
    ada: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.campaign("Import")
    people.person(first_name="Import")
    with CaptureQueriesContext(connection) as counted:
        ada.get("/search/", {"q": "import"}, headers=HTMX)  # asks what she may, too
    for place in range(5):
        make.campaign(f"Import {place}")
        people.person(first_name=f"Import {place}")

    with django_assert_num_queries(len(counted)):
        ada.get("/search/", {"q": "import"}, headers=HTMX)


def test_people_that_take_too_long_are_looked_for_where_there_is_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(*_: Any) -> Any:
        raise patience.TookTooLong

    monkeypatch.setattr(Person.objects, "present", slow)

    [(_title, [line])] = search.find("zzz o'hara", user=people.user())
    assert line.url == "/database/?q=zzz+o%27hara"


def test_it_is_a_page_with_an_address_and_needs_no_script(ada: Client, now: datetime) -> None:
    make.campaign("Spring offer")

    page = ada.get("/search/", {"q": "spring"}).content.decode()

    assert '<form class="toolbar" action="/search/">' in page
    assert '<ul class="found-list" aria-labelledby="found-1">' in page


def test_how_many_were_found_is_read_out(ada: Client) -> None:
    make.campaign("Spring offer")

    response = ada.get("/search/", {"q": "spring"}, headers=HTMX)

    assert json.loads(response["HX-Trigger"])["announce"] == {"text": "1 found"}


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('"GET /search/?q=Ana+Ruiz HTTP/1.1" 200', '"GET /search/?q=… HTTP/1.1" 200'),
        ("/database/?before=3&q=ana%40example.com&x=1", "/database/?before=3&q=…&x=1"),
        ("/search/?q=", "/search/?q="),
    ],
)
def test_no_log_tells_what_was_looked_for(line: str, kept: str) -> None:
    assert masked(line) == kept
