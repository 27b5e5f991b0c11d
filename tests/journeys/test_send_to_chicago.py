"""The path of the page this project began with, walked with the mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from config.demo_world import cast
from config.demo_world.fates import MEMBERS
from people import mobile
from tests.journeys.site import Running
from tests.journeys.walking import (
    choose,
    drag_from_palette,
    open_from_home,
    open_tab,
    run_now,
    sign_in,
    sum_of_step,
    wait_until_finished,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def in_chicago_on_offers() -> set[str]:
    """The numbers of those with nothing against a text, from the cast, not from the gate."""
    return {
        mobile.parse(part.typed).e164
        for part in cast.parts()
        if part.place.city == "Chicago" and part.fate in MEMBERS
    }


def test_from_sign_in_to_the_reason_somebody_got_no_text(page: Page, demo: Running) -> None:
    before, expected = demo.last_event(), in_chicago_on_offers()

    sign_in(page, demo)
    open_from_home(page, "Spring", "Spring offer", "Send to Chicago")
    open_tab(page, "Flow")
    drag_from_palette(page, "Send SMS Message", onto=page.locator("#steps"))
    choose(page, message="Spring offer text", vibes_list="Offers")
    open_tab(page, "Schedule")
    expect(page.locator(".checks").first).to_contain_text(
        "Running publishes the draft as version 1"
    )
    said = run_now(page)
    wait_until_finished(page)

    assert "130 people qualify" in said
    assert f"{len(expected)} texts" in said
    assert demo.texted(since=before) == dict.fromkeys(expected, 1)

    entered, terms = sum_of_step(page)
    assert (entered, terms) == (130, {"sent": len(expected), "skipped": 130 - len(expected)})

    page.locator(".reasons a", has_text="Block-listed").click()
    people = page.get_by_role("region", name="People of this run")
    expect(people.locator("tbody tr")).to_have_count(4)
    people.get_by_role("link", name="Explain").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Block-listed")

    page.get_by_role("dialog").get_by_role("link", name="Open the person").click()
    page.get_by_role("link", name="Activity log").click()
    expect(page.locator("#content")).to_contain_text("Send SMS Message skipped: Block-listed")

    page.goto(f"{demo.handsets}?mdn={min(expected).replace('+', '%2B')}")
    expect(page.get_by_role("log")).to_contain_text("spring is here! 20% off all week")
