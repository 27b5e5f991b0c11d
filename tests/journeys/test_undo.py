"""Somebody edits a flow, thinks better of it, leaves, comes back, and publishes; then wants the old one again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.site import Running
from tests.journeys.walking import (
    drag_from_palette,
    filter_by,
    new_campaign,
    open_tab,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def cards(page: Page) -> list[str]:
    """The sentences of the flow, from the top down."""
    found = page.locator("#steps > [data-card]").all()
    return [(each.get_attribute("aria-label") or "").partition(" ")[2] for each in found]


def add_wait(page: Page, days: str) -> None:
    """Drag a wait to the end, say how long, fold it."""
    drag_from_palette(page, "Wait", onto=page.locator("#steps"))
    amount = page.locator("#steps input[name$='-amount']").last
    amount.fill(days)
    amount.press("Tab")
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    page.locator("#steps").get_by_role("button", name="Done").last.click()
    expect(page.locator("#steps")).to_contain_text(f"Wait {days} days")


def press(page: Page, action: str, *, times: int = 1) -> None:
    """Undo or redo by its button; each is told in words."""
    for _ in range(times):
        button = page.locator(f"#{action}")
        said = (button.get_attribute("title") or "").partition(" ")[2].rpartition(" (")[0]
        button.click()
        expect(page.locator(f"#{'redo' if action == 'undo' else 'undo'}")).to_have_attribute(
            "title", re.compile(re.escape(said))
        )


@pytest.fixture
def waits(page: Page, demo: Running, request: pytest.FixtureRequest) -> list[str]:
    """A new campaign with three waits, 2 days first, in the order in which they were dropped."""
    sign_in(page, demo)
    new_campaign(page, request.node.name)
    filter_by(page, "City", operator="is", value="Chicago")
    open_tab(page, "Flow")
    for days in ("2", "3", "4"):
        add_wait(page, days)
    return cards(page)


def test_undoes_redoes_publishes_and_restores(page: Page, waits: list[str]) -> None:
    page.locator("#publish").click()
    expect(page.locator("#flow-state")).to_contain_text("Published as version 1")
    first = page.locator("#steps > [data-card]").first
    first.focus()
    page.keyboard.press("Delete")
    expect(page.locator("#steps > [data-card]")).to_have_count(2)
    page.locator("#steps > [data-card]").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#announcer")).to_contain_text("moved to 2 of 2")
    page.keyboard.press("Control+d")
    expect(page.locator("#steps > [data-card]")).to_have_count(3)
    changed = cards(page)

    press(page, "undo", times=3)
    assert cards(page) == waits
    expect(page.locator("#undo")).to_be_focused()
    page.reload()
    press(page, "redo", times=3)
    assert cards(page) == changed

    page.locator("#publish").click()
    expect(page.locator("#flow-state")).to_contain_text("Published as version 2")
    page.get_by_role("link", name="History").click()
    expect(page.locator("#version-2")).to_contain_text("“Wait 2 days”, was deleted")
    page.locator("#version-1").get_by_role("button", name="Restore into the draft").click()
    expect(page.locator("#flow-state")).to_contain_text("Draft: differs from version 2")
    assert cards(page) == waits


def test_by_keyboard_alone_and_back_to_the_very_beginning(page: Page, waits: list[str]) -> None:
    page.locator("#steps > [data-card]").first.focus()
    for left in (2, 1, 0):
        page.keyboard.press("Delete")
        expect(page.locator("#steps > [data-card]")).to_have_count(left)

    for back in (1, 2, 3):
        page.keyboard.press("Control+z")
        expect(page.locator("#steps > [data-card]")).to_have_count(back)
    assert cards(page) == waits
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#steps > [data-card]")).to_have_count(2)


def test_another_card_that_is_open_keeps_what_is_typed(page: Page, waits: list[str]) -> None:
    page.locator("#steps > [data-card]").nth(2).focus()
    page.keyboard.press("Delete")
    expect(page.locator("#steps > [data-card]")).to_have_count(2)
    page.get_by_role("link", name="Wait 2 days").click()
    amount = page.locator("#steps input[name$='-amount']").first
    amount.fill("20")
    page.locator("#undo").click()  # what was typed goes with the click, and is what it undoes
    expect(page.locator("#redo")).to_have_attribute("title", re.compile("change “Wait”"))
    expect(page.locator("#steps input[name$='-amount']").first).to_have_value("2")

    press(page, "undo")
    expect(page.locator("#steps > [data-card]")).to_have_count(3)
    expect(page.locator("#steps input[name$='-amount']").first).to_be_visible()
