"""A person's page that is open learns what happens meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from people import activity, editing, history
from people.activity import Happening
from people.models import Activity, Person
from tests.people import make
from tests.people.make import NOON

HTMX = {"HX-Request": "true"}


def happens(person: Person, words: str, *, at: Any = NOON) -> None:
    lines = [Happening(person.pk, {"by": words})]
    activity.record(activity.NEW_PERSON, lines, at=at)


def news(browser: Client, person: Person, state: str) -> Any:
    address = reverse("people:news", args=[person.pk])
    return browser.get(address, {"state": state}, headers=HTMX)


@pytest.fixture
def ana(db: None) -> Person:
    return make.person(first_name="Ana")


@pytest.fixture
def ada(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_user("ada"))
    return client


def test_there_is_no_news_until_something_happens(ada: Client, ana: Person) -> None:
    state = history.state(ana.pk)
    assert news(ada, ana, state).status_code == 204

    happens(ana, "ben")

    answer = news(ada, ana, state)
    assert "person-changed" in answer["HX-Trigger"]
    assert news(ada, ana, history.state(ana.pk)).status_code == 204


def test_a_line_that_comes_late_is_news_too(ana: Person) -> None:
    happens(ana, "ben")
    state = history.state(ana.pk)

    happens(ana, "cleo", at=NOON - timedelta(hours=1))

    assert history.state(ana.pk) != state


def test_asking_costs_one_query(ada: Client, ana: Person, django_assert_num_queries: Any) -> None:
    happens(ana, "ben")
    state = history.state(ana.pk)

    with django_assert_num_queries(3):  # the session, who asks, and the history
        assert news(ada, ana, state).status_code == 204


def test_all_pages_that_were_opened_come_again_as_one(ada: Client, ana: Person) -> None:
    for number in range(60):
        happens(ana, f"line {number:02}", at=NOON + timedelta(minutes=number))
    address = reverse("people:log", args=[ana.pk])

    again = ada.get(address, {"page": ["1", "1"]}, headers=HTMX).content.decode()

    assert re.findall(r"line (\d\d)", again) == [f"{number:02}" for number in range(59, 9, -1)]
    assert 'id="older"' in again


@pytest.mark.browser
def test_an_open_page_shows_it_and_keeps_what_is_typed(
    page: Page, live_server: Any, transactional_db: None
) -> None:
    ana = make.person(first_name="Ana")
    user = User.objects.create_user("ada")
    _sign_in(page, live_server.url, user)
    page.goto(live_server.url + ana.get_absolute_url())
    page.locator("[name=city]").fill("Chica")

    editing.change(ana, {"block_listed": True}, by="ben", now=NOON)

    expect(page.locator("#person-facts")).to_contain_text("Block listed")
    expect(page.locator("[name=city]")).to_have_value("Chica")
    expect(page.locator("[name=city]")).to_be_focused()
    assert Activity.objects.count() == 1


@pytest.mark.browser
def test_an_open_log_shows_what_happens(
    page: Page, live_server: Any, transactional_db: None
) -> None:
    ana = make.person(first_name="Ana")
    _sign_in(page, live_server.url, User.objects.create_user("ada"))
    page.goto(f"{live_server.url}{ana.get_absolute_url()}log/")

    happens(ana, "somebody else", at=NOON)

    expect(page.locator("#timeline")).to_contain_text("Created by somebody else")


def _sign_in(page: Page, url: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": url}])
