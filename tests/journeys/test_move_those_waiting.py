"""People wait in a flow; it is changed and published, and those who wait are moved to it, with the mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.axe import faults
from tests.journeys.site import Running
from tests.journeys.walking import (
    drag_from_palette,
    filter_by,
    new_campaign,
    open_tab,
    run_now,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
A_MINUTE = 60_000


@pytest.fixture
def waiting(page: Page, demo: Running, request: pytest.FixtureRequest) -> Page:
    """The Flow tab of a campaign whose people wait for two days, on version 1."""
    sign_in(page, demo)
    new_campaign(page, request.node.name)
    filter_by(page, "City", operator="is", value="Chicago")
    open_tab(page, "Flow")
    add_wait(page, "2")
    run_now(page)
    expect(page.get_by_role("heading", name="1. Wait 2 days")).to_be_visible(timeout=A_MINUTE)
    open_tab(page, "Flow")
    return page


def add_wait(page: Page, days: str) -> None:
    drag_from_palette(page, "Wait", onto=page.locator("#steps"))
    amount = page.locator("#steps input[name$='-amount']").last
    amount.fill(days)
    amount.press("Tab")
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    page.locator("#steps").get_by_role("button", name="Done").last.click()
    expect(page.locator("#steps")).to_contain_text(f"Wait {days} days")


def test_those_who_wait_are_moved_as_it_was_shown(waiting: Page) -> None:
    page = waiting
    add_wait(page, "5")
    page.locator("#publish").click()
    expect(page.locator("#flow-state")).to_contain_text("Published as version 2")
    expect(page.locator(".inside-note")).to_contain_text("inside version 1")

    page.get_by_role("link", name="Move those waiting…").click()

    expect(page.get_by_role("heading", name="Move those waiting from version 1 to")).to_be_visible()
    place = page.get_by_role("region", name="1. Wait 2 days")
    expect(place).to_contain_text("Nothing: they would be through the flow")
    expect(place).to_contain_text("2. Wait 5 days")
    assert faults(page) == []
    page.get_by_role("button", name=re.compile("to version 2$")).click()
    said = re.compile("went from version 1 to version 2")
    expect(page.locator(".toasts")).to_contain_text(said)
    expect(page.locator(".inside-note")).to_have_count(0)
    open_tab(page, "Results")
    expect(page.locator(".record")).to_contain_text(said)
