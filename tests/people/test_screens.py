"""The people pages as a browser shows them: nothing axe complains of, nothing wider than a phone."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from people import importing
from people.models import ImportJob, Person
from tests.people import make
from tests.people.make import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[[str], Page]


@pytest.fixture
def show(page: Page, live_server: LiveServer, client: Client) -> Open:
    """Opens an address in a browser in which Ada is signed in."""
    client.force_login(User.objects.create_user("ada"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]

    def show(address: str) -> Page:
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        return page

    return show


def some_of_everything() -> tuple[Person, ImportJob, ImportJob]:
    ana = make.person(first_name="Ana", mobile="312-555-0142", block_listed=True)
    make.person(email="ben@example.com", mobile="call me")
    make.static_list("Newsletter", ana)
    content = b"Email,Phone\nana@example.com,(312) 555-0142\nben@,1\ncleo@example.com,1\n"
    mapping, done = (importing.upload("people.csv", content, user=None, now=NOON) for _ in "12")
    importing.start(done, mapping=done.mapping, region="US", static_list=None)
    importing.take_slices(done.pk, now=NOON)
    return ana, mapping, done


def test_no_page_shuts_anybody_out_or_is_wider_than_a_phone(show: Open) -> None:
    ana, mapping, done = some_of_everything()
    pages = ["/database/", "/database/?q=nobody", "/database/people/new/", "/database/lists/"]
    pages += ["/database/imports/", f"/database/people/{ana.pk}/"]
    pages += [f"/database/imports/{job.pk}/" for job in (mapping, done)]
    pages += [f"/database/lists/{ana.static_lists.get().pk}/"]

    found = {address: _complaints(show(address)) for address in pages}

    assert found == {address: [] for address in pages}


def _complaints(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    page.set_viewport_size({"width": 360, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    return [violation["id"] for violation in violations] + ["too wide"] * wide


def test_a_switch_turns_without_leaving_the_page_and_keeps_the_focus(show: Open) -> None:
    ana, _mapping, _done = some_of_everything()
    page = show(f"/database/people/{ana.pk}/")
    switch = page.get_by_role("switch", name="Block Listed")

    switch.press("Space")

    expect(switch).to_have_attribute("aria-checked", "false")
    expect(switch).to_be_focused()
    expect(page.locator("#timeline")).to_contain_text("Block Listed from yes to no, by ada")
    expect(page.locator("#person-facts")).not_to_contain_text("Block listed")


def test_the_preview_follows_the_dropdowns_as_they_change(show: Open) -> None:
    _ana, mapping, _done = some_of_everything()
    page = show(f"/database/imports/{mapping.pk}/")
    expect(page.locator("#preview")).to_contain_text("+13125550142")

    page.get_by_label("Phone").select_option("Ignore")

    expect(page.locator("#preview")).not_to_contain_text("+13125550142")
    expect(page.locator("#preview")).to_contain_text("cleo@example.com")


def test_search_finds_while_typing(show: Open) -> None:
    some_of_everything()
    page = show("/database/")

    page.get_by_label("Search people").fill("312 555 0142")

    expect(page.locator("#people")).to_contain_text("2 found")
    expect(page).to_have_url(re.compile("q=312"))
