"""What a page does when its requests fail, and its small parts, in a real browser: keys, messages, light and dark."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Dialog, Locator, Page, expect

from campaigns.models import Campaign
from tests.axe import faults
from tests.campaigns import make

pytestmark = pytest.mark.browser


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    """Two waits: of 2 and 3 days."""
    return make.campaign(steps=[make.wait(2), make.wait(3)])


def sign_in(page: Page, live_server: Any) -> None:
    client = Client()
    client.force_login(make.user())
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


@pytest.fixture
def at(page: Page, campaign: Campaign, live_server: Any) -> Page:
    sign_in(page, live_server)
    page.goto(live_server.url + reverse("campaigns:flow", args=[campaign.pk]))
    return page


def card(page: Page, number: int) -> Locator:
    return page.locator("#steps > [data-card]").nth(number)


def amount(page: Page) -> Locator:
    """The field for the days of the first wait, its card opened."""
    field = card(page, 0).locator("input[name$='-amount']")
    if not field.is_visible():
        card(page, 0).get_by_role("link").first.click()
    expect(field).to_be_visible()
    return field


def change(page: Page, days: str) -> None:
    amount(page).fill(days)
    amount(page).press("Tab")


def cut_off(page: Page, where: str) -> None:
    """What is sent there does not arrive."""
    page.route(
        where, lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )


def state(page: Page) -> Locator:
    return page.locator("[data-save-state]")


# --- Saving --------------------------------------------------------------------------------------


def test_what_could_not_be_saved_is_sent_again(at: Page) -> None:
    cut_off(at, "**/steps/*/")
    change(at, "20")
    expect(state(at)).to_have_text("Not saved: the server cannot be reached.")
    assert faults(at) == []

    at.unroute("**/steps/*/")
    at.get_by_role("button", name="Retry").click()

    expect(state(at)).to_have_text("Saved")
    expect(at.get_by_role("button", name="Retry")).to_be_hidden()
    at.reload()
    expect(card(at, 0)).to_contain_text("Wait 20 days")


def test_a_button_pressed_in_vain_is_pressed_again(at: Page) -> None:
    at.route("**/delete/", lambda route: route.fulfill(status=503))
    card(at, 0).get_by_role("button", name="Delete card 1").click()
    expect(state(at)).to_have_text("Not saved: Service Unavailable")

    at.unroute("**/delete/")
    at.get_by_role("button", name="Retry").click()

    expect(at.locator("#steps > [data-card]")).to_have_count(1)
    expect(state(at)).to_have_text("Saved")


def test_what_a_dialog_asked_for_is_sent_again_when_it_is_gone(at: Page) -> None:
    cut_off(at, "**/move/")
    card(at, 0).get_by_role("button", name="More for card 1").click()
    card(at, 0).get_by_role("link", name="Move to position…").click()
    at.get_by_label("To position").fill("2")
    at.keyboard.press("Enter")
    expect(state(at)).to_have_attribute("data-state", "failed")
    at.keyboard.press("Escape")

    at.unroute("**/move/")
    at.get_by_role("button", name="Retry").click()

    expect(card(at, 1)).to_contain_text("Wait 2 days")
    expect(at.locator("#draft")).to_have_count(1)


def test_leaving_asks_first_only_while_something_is_not_saved(at: Page) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    at.on("dialog", leave)
    cut_off(at, "**/steps/*/")
    change(at, "20")
    expect(state(at)).to_have_attribute("data-state", "failed")
    at.reload()
    assert asked == ["beforeunload"]

    at.unroute("**/steps/*/")
    change(at, "30")
    expect(state(at)).to_have_text("Saved")
    at.reload()
    assert asked == ["beforeunload"]


def test_signed_out_in_the_middle_one_signs_in_elsewhere_and_goes_on(
    at: Page, live_server: Any
) -> None:
    amount(at)
    at.context.clear_cookies(name="sessionid")
    change(at, "20")
    dialog = at.get_by_role("dialog", name="You have been signed out")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("Still signed out.")).to_be_hidden()

    dialog.get_by_role("button", name="I have signed in: continue").click()
    expect(dialog.get_by_text("Still signed out.")).to_be_visible()
    at.context.clear_cookies(name="csrftoken")  # as signing in gives a new one
    sign_in(at, live_server)
    dialog.get_by_role("button", name="I have signed in: continue").click()

    expect(dialog).to_be_hidden()
    expect(state(at)).to_have_text("Saved")
    expect(amount(at)).to_have_value("20")


# --- Keys ----------------------------------------------------------------------------------------


def test_keys_press_the_buttons_of_the_card_that_has_the_focus(at: Page) -> None:
    card(at, 0).focus()
    at.keyboard.press("Control+d")
    expect(at.locator("#steps > [data-card]")).to_have_count(3)
    at.keyboard.press("Control+z")
    expect(at.locator("#steps > [data-card]")).to_have_count(2)

    card(at, 0).focus()
    at.keyboard.press("ArrowDown")
    expect(card(at, 1)).to_be_focused()
    at.keyboard.press("Enter")
    expect(card(at, 1).locator("input[name$='-amount']")).to_be_focused()
    at.keyboard.press("Escape")
    expect(card(at, 1)).to_be_focused()
    expect(card(at, 1)).to_have_attribute("tabindex", "0")
    expect(card(at, 0)).to_have_attribute("tabindex", "-1")
    at.keyboard.press("/")
    expect(at.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()


def test_without_a_card_only_the_keys_of_the_page_do_something(at: Page) -> None:
    for key in ("Delete", "a", "Alt+ArrowDown", "Enter", '"'):
        at.keyboard.press(key)
    expect(at.get_by_role("dialog")).to_be_hidden()
    expect(at.locator("#steps > [data-card]")).to_have_count(2)

    at.keyboard.press("?")

    expect(at.get_by_role("dialog")).to_contain_text("Keys")


# --- Messages, light and dark --------------------------------------------------------------------


def say(page: Page, text: str, level: str) -> None:
    """As an answer of the server does."""
    html = render_to_string("_note.html", {"text": text, "level": level})
    page.evaluate("html => htmx.trigger(document.body, 'toast', {notes: [{html}]})", html)


def test_a_message_goes_by_itself_but_not_under_the_pointer(at: Page) -> None:
    say(at, "Done", "success")
    note = at.locator("#toasts .note")
    expect(note).to_have_text(re.compile("^Done"))
    played = "note => note.getAnimations().map(each => each.playState)"
    assert note.evaluate(played) == ["running"]
    note.hover()
    assert note.evaluate(played) == ["paused"]

    note.evaluate("note => note.getAnimations()[0].finish()")

    expect(note).to_have_count(0)


def test_what_went_wrong_stays_until_it_is_dismissed(at: Page) -> None:
    say(at, "Broken", "error")
    note = at.locator("#toasts .note-error")
    assert note.evaluate("note => note.getAnimations().length") == 0

    note.get_by_role("button", name="Dismiss").click()

    expect(note).to_have_count(0)


def test_light_and_dark_are_chosen_without_leaving_what_is_typed(at: Page) -> None:
    page = at.locator("html")
    change(at, "20")
    at.locator("[popovertarget=user-menu]").click()
    at.get_by_role("button", name="Dark").click()
    expect(page).to_have_attribute("data-bs-theme", "dark")
    expect(at.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    expect(amount(at)).to_have_value("20")
    at.reload()
    expect(page).to_have_attribute("data-bs-theme", "dark")

    at.locator("[popovertarget=user-menu]").click()
    at.get_by_role("button", name="System", exact=True).click()

    expect(page).to_have_attribute("data-bs-theme", "light")
    at.emulate_media(color_scheme="dark")
    expect(page).to_have_attribute("data-bs-theme", "dark")
