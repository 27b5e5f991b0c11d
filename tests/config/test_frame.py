"""The frame of every page: top bar, theme, search, messages, and what happens when the session ends."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import tree
from people.models import Person
from tests.vibes.make import heart
from vibes.models import Account

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def anybody() -> Client:
    return Client(headers={"host": "localhost"})


@pytest.fixture
def ada(anybody: Client) -> Client:
    anybody.force_login(User.objects.create(username="ada"))
    return anybody


def html(response: Any) -> str:
    text: str = response.content.decode()
    return text


def test_the_process_says_that_it_lives_without_asking_the_database(
    anybody: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = anybody.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


def test_every_other_page_asks_to_sign_in(anybody: Client) -> None:
    response = anybody.get("/")

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/")


def test_a_fragment_is_never_answered_by_the_sign_in_page(anybody: Client) -> None:
    response = anybody.get("/search/", headers=HTMX)

    assert (response.status_code, response.content) == (401, b"")
    assert json.loads(response["HX-Trigger"]) == {"signed-out": {}}


def test_a_page_left_open_gets_a_new_form_token(ada: Client) -> None:
    response = ada.get(reverse("session-token"), headers=HTMX)

    assert list(json.loads(response["HX-Trigger"])["csrf-token"]) == ["token"]


def test_a_message_is_drawn_as_words_whatever_it_holds(ada: Client) -> None:
    ada.post(reverse("campaigns:new-node", args=["folder"]), {"name": "<img src=x>"})
    folder = ada.get(reverse("campaigns:tree")).context["contents"][0].node
    ada.post(reverse("campaigns:delete-node", args=[folder.pk]), headers=HTMX)

    sent = ada.get("/search/", {"q": "spring"}, headers=HTMX)["HX-Trigger"]

    (note,) = json.loads(sent)["toast"]["notes"]
    assert "<img" not in note["html"]
    assert "&lt;img src=x&gt;" in note["html"]


def test_messages_travel_with_a_fragment_once(ada: Client) -> None:
    ada.post(reverse("campaigns:new-node", args=["folder"]), {"name": "Spring"})
    folder = ada.get(reverse("campaigns:tree")).context["contents"][0].node
    ada.post(reverse("campaigns:delete-node", args=[folder.pk]), headers=HTMX)

    fragment = ada.get("/search/", {"q": "spring"}, headers=HTMX)

    (note,) = json.loads(fragment["HX-Trigger"])["toast"]["notes"]
    assert note["text"] == "“Spring” is in the recycle bin, and can be restored for 30 days."
    assert note["level"] == "success"
    assert f"<span>{note['text']}</span>" in note["html"]
    assert "toast" not in ada.get("/search/", {"q": "spring"}, headers=HTMX)["HX-Trigger"]


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_the_theme_is_kept_in_a_cookie_and_drawn_by_the_server(ada: Client, theme: str) -> None:
    response = ada.post(reverse("theme"), {"theme": theme, "next": "/search/"})

    assert response["Location"] == "/search/"
    assert f'data-theme="{theme}"' in html(ada.get("/"))
    assert f'data-bs-theme="{"dark" if theme == "dark" else "light"}"' in html(ada.get("/"))


def test_a_page_that_stays_is_told_of_the_theme_that_was_chosen(ada: Client) -> None:
    response = ada.post(reverse("theme"), {"theme": "dark"}, headers=HTMX)

    assert json.loads(response["HX-Trigger"]) == {"theme": {"theme": "dark"}}
    assert response.cookies["theme"].value == "dark"
    assert 'value="dark" aria-pressed="true"' in html(response)


def test_the_theme_leads_nowhere_else(ada: Client) -> None:
    response = ada.post(reverse("theme"), {"theme": "pink", "next": "https://elsewhere.example/"})

    assert (response["Location"], response.cookies.get("theme")) == ("/", None)


def test_admin_is_shown_to_staff_only(ada: Client) -> None:
    before = html(ada.get("/"))
    User.objects.update(is_staff=True)

    assert reverse("admin:index") not in before
    assert reverse("admin:index") in html(ada.get("/"))


@pytest.mark.parametrize(
    ("region", "health", "strip", "pill"),
    [
        ("simulator", "connected", True, "Healthy"),
        ("us", "connected", False, "Healthy"),
        ("us", "refused", False, "Vibes trouble"),
        ("us", "untested", False, "Not connected"),
    ],
)
def test_the_frame_says_how_vibes_is(
    ada: Client, region: str, health: str, strip: bool, pill: str
) -> None:
    Account.objects.create(name="Vibes", region=region, health=health)
    heart("worker")

    page = html(ada.get("/search/"))

    assert ("Simulator: nothing leaves this machine" in page) is strip
    assert f'<span class="pill-words">{pill}</span>' in page


def test_search_finds_campaigns_and_people(ada: Client, now: datetime) -> None:
    spring = tree.create_folder(parent=None, name="Spring", now=now)
    tree.create_folder(parent=spring, name="Springtime", now=now)
    person = Person.objects.create(
        first_name="Sprina", email="s@example.com", created_at=now, updated_at=now
    )

    groups = ada.get("/search/", {"q": "spri"}, headers=HTMX).context["groups"]

    assert [(str(title), [(f.name, f.detail) for f in found]) for title, found in groups] == [
        ("Marketing Activities", [("Spring", "Folder"), ("Springtime", "Spring")]),
        ("People", [(str(person), "s@example.com")]),
    ]


def test_search_wants_two_letters(
    ada: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # session, person signed in
        response = ada.get("/search/", {"q": "s"}, headers=HTMX)

    assert "Type at least two letters." in html(response)


def test_a_page_that_is_not_there_says_so(ada: Client) -> None:
    response = ada.get("/nowhere/")

    assert response.status_code == 404
    assert "There is no such page" in html(response)
