"""Who was never subscribed is asked, answers on the phone, is a member, and leaves again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from config.demo_world import cast
from config.demo_world.cast import Part
from config.demo_world.fates import Fate
from people import mobile
from tests.journeys.site import Running
from tests.journeys.walking import (
    choose,
    drag_from_palette,
    eventually,
    filter_by,
    new_campaign,
    open_from_home,
    open_tab,
    run_now,
    sign_in,
    sum_of_step,
    wait_until_finished,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
OFFERS = "1234"
ASKED = {Fate.NEVER, Fate.EXPIRED, Fate.SAYS_YES, Fate.SAYS_NO}


def in_boston(fates: set[Fate]) -> list[Part]:
    return [part for part in cast.parts() if part.place.city == "Boston" and part.fate in fates]


def number_of(part: Part) -> str:
    return mobile.parse(part.typed).e164


def questions(site: Running, number: str) -> list[str]:
    return [each["text"] for each in site.messages(number) if each["kind"] == "question"]


def open_phone(page: Page, site: Running, number: str) -> None:
    page.goto(f"{site.handsets}?mdn={number.replace('+', '%2B')}")


def open_person(page: Page, site: Running, number: str) -> None:
    """Through the Database, by number."""
    page.goto(site.url)
    page.get_by_role("link", name="Database", exact=True).click()
    page.locator("main input[type=search]").first.fill(number)
    page.keyboard.press("Enter")
    page.locator("table tbody a").first.click()


def test_asked_by_text_a_y_makes_a_member_and_a_campaign_ends_it(page: Page, demo: Running) -> None:
    before, asked = demo.last_event(), in_boston(ASKED)
    number = number_of(next(part for part in asked if part.fate == Fate.NEVER))

    sign_in(page, demo)
    open_from_home(page, "Spring", "Spring offer", "Invite by text")
    open_tab(page, "Flow")
    drag_from_palette(page, "Subscribe to Vibes List", onto=page.locator("#steps"))
    choose(page, vibes_list="Offers", campaign="Offers by web")
    run_now(page)
    wait_until_finished(page)

    assert sum_of_step(page) == (26, {"done": len(asked), "skipped": 26 - len(asked)})
    assert {number_of(each): len(questions(demo, number_of(each))) for each in asked} == {
        number_of(each): 1 for each in asked
    }
    assert demo.texted(since=before) == {}
    assert demo.standing(number) == {OFFERS: "pending"}

    open_phone(page, demo, number)
    expect(page.get_by_role("log")).to_contain_text("reply Y to get weekly offers")
    page.get_by_role("button", name="Y", exact=True).click()
    expect(page.get_by_role("log")).to_contain_text("you are in!")
    assert demo.standing(number) == {OFFERS: "subscribed"}

    open_person(page, demo, number)
    open_tab(page, "May we text?")
    _wait_for_panel(page, "Offers\nMay be texted now")
    open_tab(page, "Activity log")
    expect(page.locator("#content")).to_contain_text("Subscribed to Offers")
    # Whoever answers by habit has answered by now as well.
    yes, no = (number_of(in_boston({fate})[0]) for fate in (Fate.SAYS_YES, Fate.SAYS_NO))
    assert eventually(lambda: demo.standing(yes) == {OFFERS: "subscribed"})
    assert eventually(lambda: demo.standing(no) == {OFFERS: "declined"})

    page.goto(demo.url)
    new_campaign(page, "Farewell")
    filter_by(page, "Mobile Phone Number", operator="is", value=number)
    open_tab(page, "Flow")
    drag_from_palette(page, "Unsubscribe from Vibes List", onto=page.locator("#steps"))
    choose(page, vibes_list="Offers")
    run_now(page)
    wait_until_finished(page)

    assert sum_of_step(page) == (1, {"done": 1})
    assert demo.standing(number) == {OFFERS: "unsubscribed"}
    open_person(page, demo, number)
    open_tab(page, "May we text?")
    _wait_for_panel(page, "Offers\nOpted out of the list")


def _wait_for_panel(page: Page, words: str) -> None:
    """*May we text?* says so, at the latest after callbacks were applied; reloads meanwhile."""

    def told() -> bool:
        panel = page.locator("#may-we-text")
        expect(panel).to_be_visible()
        if words in re.sub(r"\s*\n\s*", "\n", panel.inner_text()):
            return True
        page.reload()
        return False

    assert eventually(told, seconds=20), page.locator("#may-we-text").inner_text()
