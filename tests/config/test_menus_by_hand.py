"""Menus, drawers and dialogs in a real browser: what the browser does of itself, and what is ours beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from campaigns.models import Campaign
from tests.axe import faults
from tests.browser import opened
from tests.campaigns import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE: ViewportSize = {"width": 390, "height": 800}


@pytest.fixture
def campaign() -> Campaign:
    return make.campaign(filters=[make.in_city()], steps=[make.wait(1), ("wait", {})])


def enter(page: Page, campaign: Campaign, live_server: Any) -> Page:
    client = Client()
    client.force_login(make.user())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(live_server.url + reverse("campaigns:flow", args=[campaign.pk]))
    return page


@pytest.fixture
def flow(page: Page, campaign: Campaign, live_server: Any) -> Iterator[Page]:
    yield enter(page, campaign, live_server)
    page.wait_for_load_state("networkidle")  # nothing asks the database when it is gone


@pytest.fixture
def phone(flow: Page) -> Page:
    flow.set_viewport_size(PHONE)
    return flow


@pytest.fixture
def without_script(browser: Browser, campaign: Campaign, live_server: Any) -> Iterator[Page]:
    with opened(browser, java_script_enabled=False) as page:
        page.set_viewport_size(PHONE)
        yield enter(page, campaign, live_server)


def more(page: Page, card: int) -> Locator:
    return page.get_by_role("button", name=f"More for card {card}")


def drawer(page: Page, name: str) -> Locator:
    return page.get_by_role("complementary", name=name)


def test_keys_walk_through_a_menu_and_esc_leaves_it_alone(flow: Page) -> None:
    more(flow, 2).press("Enter")
    items = flow.locator(".menu-list:popover-open .menu-item")
    for key, at in (("ArrowDown", 0), ("ArrowUp", 2), ("ArrowDown", 0), ("End", 2), ("Home", 0)):
        flow.keyboard.press(key)
        expect(items.nth(at)).to_be_focused()
    assert faults(flow) == []
    flow.keyboard.press("Escape")

    expect(items).to_have_count(0)
    expect(more(flow, 2)).to_be_focused()  # and not its card, which stays as it is
    expect(flow.get_by_label("Wait for")).to_be_visible()


def test_one_menu_is_open_at_a_time_until_something_else_is_clicked(flow: Page) -> None:
    user = flow.locator("#user-menu")
    flow.locator("[popovertarget=user-menu]").click()
    expect(user).to_be_visible()
    more(flow, 1).click()
    expect(user).to_be_hidden()

    flow.locator("h1").click()

    expect(flow.locator(":popover-open")).to_have_count(0)


def test_what_is_chosen_closes_the_menu(flow: Page) -> None:
    more(flow, 1).click()
    flow.get_by_role("link", name="Move to position…").click()
    expect(flow.get_by_role("dialog")).to_be_visible()
    expect(flow.locator(":popover-open")).to_have_count(0)

    flow.keyboard.press("Escape")

    expect(more(flow, 1)).to_be_focused()


def test_a_key_of_a_card_presses_what_a_closed_menu_holds(flow: Page) -> None:
    flow.locator("#steps > [data-card]").first.focus()
    flow.keyboard.press("a")
    expect(flow.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    flow.keyboard.type("score")
    flow.keyboard.press("Enter")

    expect(flow.locator("#steps > [data-card]").nth(1)).to_contain_text("Change Score")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_menu_is_at_its_button_and_on_the_screen(flow: Page, width: int) -> None:
    flow.set_viewport_size({"width": width, "height": 800})
    for button in (more(flow, 1), flow.locator("[popovertarget=user-menu]")):
        button.click()
        at, menu = button.bounding_box(), flow.locator(".menu-list:popover-open").bounding_box()
        assert at
        assert menu
        assert 0 <= menu["y"] - at["y"] - at["height"] <= 8
        assert menu["x"] <= at["x"] + at["width"] <= menu["x"] + menu["width"] + 1
        assert 0 <= menu["x"] <= width - menu["width"]


def test_a_drawer_opens_and_leaves_by_keyboard_also_from_a_menu_in_it(phone: Page) -> None:
    expect(drawer(phone, "Tree")).to_be_hidden()
    button = phone.get_by_role("button", name="Tree")
    button.press("Enter")
    new = drawer(phone, "Tree").get_by_role("button", name="New")
    new.press("Enter")
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("Escape")
    expect(new).to_be_focused()
    assert faults(phone) == []
    phone.keyboard.press("Escape")

    expect(drawer(phone, "Tree")).to_be_hidden()
    expect(button).to_be_focused()


def test_beside_a_drawer_nothing_is_pressed(phone: Page) -> None:
    phone.get_by_role("button", name="Tree").click()
    below = phone.locator("button[id$='-delete']").first.bounding_box()
    assert below
    phone.mouse.click(below["x"] + below["width"] - 3, below["y"] + below["height"] / 2)

    expect(drawer(phone, "Tree")).to_be_hidden()
    phone.wait_for_load_state("networkidle")
    expect(phone.locator("#steps > [data-card]")).to_have_count(2)


def test_what_is_said_is_seen_above_a_drawer(phone: Page) -> None:
    phone.get_by_role("button", name="Palette").click()
    phone.evaluate(
        "htmx.trigger(document.body, 'toast', { notes: [{ html: '<p class=note>Something was said</p>' }] })"
    )
    said = phone.get_by_text("Something was said")
    said.wait_for()

    assert said.evaluate(
        """(note) => {
            const { x, y, width, height } = note.getBoundingClientRect();
            return note.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )


def test_a_step_of_the_palette_closes_the_drawer_and_is_there(phone: Page) -> None:
    phone.get_by_role("button", name="Palette").click()
    drawer(phone, "Palette").get_by_role("button", name="Change Score").click()

    expect(drawer(phone, "Palette")).to_be_hidden()
    expect(phone.locator("#steps > [data-card]").last).to_contain_text("Change Score")


def test_a_plus_opens_what_can_be_added_there_on_a_phone_too(phone: Page) -> None:
    phone.get_by_role("button", name="Add after 1").click()
    dialog = phone.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("score")
    expect(dialog.locator(".palette-item:visible")).to_have_count(1)
    expect(dialog.locator(".palette-group:visible")).to_have_count(1)
    phone.keyboard.press("Enter")

    expect(phone.locator("#steps > [data-card]").nth(1)).to_contain_text("Change Score")


def test_a_plus_that_was_given_up_is_forgotten(flow: Page) -> None:
    flow.get_by_role("button", name="Add after 1").click()
    flow.keyboard.press("Escape")
    drawer(flow, "Palette").get_by_role("button", name="Change Score").click()

    expect(flow.locator("#steps > [data-card]").last).to_contain_text("Change Score")


def test_a_token_is_found_by_its_name_and_written_where_the_caret_is(
    flow: Page, live_server: Any
) -> None:
    message = make.draft_message("Hi !")
    flow.goto(live_server.url + reverse("campaigns:message", args=[message.pk]))
    text = flow.get_by_label("Text", exact=True)
    text.evaluate("(field) => field.setSelectionRange(3, 3)")
    flow.get_by_role("button", name="Insert a token").click()
    flow.get_by_label("If empty, write").fill("friend")
    flow.get_by_label("Find a token").fill("first na")
    flow.keyboard.press("Enter")

    expect(text).to_have_value("Hi {{person.First Name:default=friend}}!")
    expect(text).to_be_focused()


def test_without_script_menus_drawers_and_dialogs_open_and_close(without_script: Page) -> None:
    page = without_script
    page.locator("[popovertarget=user-menu]").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("button", name="Tree").click()
    expect(drawer(page, "Tree")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer(page, "Tree")).to_be_hidden()

    page.get_by_role("button", name="Keys").click()
    page.get_by_role("button", name="Close").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
