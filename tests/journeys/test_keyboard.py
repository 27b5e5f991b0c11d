"""A campaign built, run and read without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from config.demo_world import cast
from config.demo_world.fates import MEMBERS, Fate
from people import mobile
from tests.journeys.keyboard import Keyboard
from tests.journeys.site import Running
from tests.journeys.walking import sum_of_step, wait_until_finished

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def in_denver_on_offers() -> set[str]:
    """Members we know of, and newcomers of whom only Vibes knows: launch asks about these."""
    return {
        mobile.parse(part.typed).e164
        for part in cast.parts()
        if part.place.city == "Denver"
        and (part.fate in MEMBERS or (part.fate == Fate.NOT_ASKED_YET and part.serial % 4))
    }


def sign_in(page: Page, keys: Keyboard, site: Running) -> None:
    page.goto(site.url)
    keys.reach(page.locator("[name=login]"))
    keys.write("demo")
    keys.reach(page.locator("[name=password]"))
    keys.write("demo")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()


def begin_campaign(page: Page, keys: Keyboard, name: str) -> None:
    keys.use(page.get_by_role("link", name="Marketing Activities", exact=True).first)
    keys.use(page.locator(".pane-tree .menu > button", has_text="New"))
    keys.use(page.locator(".pane-tree").get_by_role("link", name="Smart campaign…"))
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    keys.write(name)
    keys.press("Enter")
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text("Smart List")


def pick(page: Page, keys: Keyboard, words: str) -> None:
    """In the dialog with what can be added: type, Enter."""
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    keys.write(words)
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()


def go_to_tab(page: Page, keys: Keyboard, name: str) -> None:
    keys.use(page.locator("nav.tabs").get_by_role("link", name=name, exact=True))
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text(name)


def test_builds_runs_and_reads_without_a_mouse(page: Page, demo: Running) -> None:
    keys, before, expected = Keyboard(page), demo.last_event(), in_denver_on_offers()
    cards, saved = page.locator("#steps > [data-card]"), page.locator("[data-save-state]")

    sign_in(page, keys, demo)
    begin_campaign(page, keys, "By keyboard")
    keys.use(page.get_by_role("button", name="Add a filter"))
    pick(page, keys, "City")
    keys.reach(page.locator("#filters input:is([id$='-value'], [id$='-value-ts-control'])"))
    keys.write("Denver")
    keys.press("Tab")
    expect(page.locator("#draft")).to_contain_text("City is Denver")

    go_to_tab(page, keys, "Flow")
    keys.skip_to_page()
    keys.use(page.get_by_role("button", name="Add a step"))
    pick(page, keys, "Send SMS")
    expect(page.locator("#steps select[name$='-message']")).to_be_focused()
    keys.write("Spring")
    expect(saved).to_have_text("Saved")
    keys.reach(page.locator("#steps select[name$='-vibes_list']"))
    # Slower than the card is saved: the word must still be one word, and not end at "Service alerts".
    page.keyboard.type("Offers", delay=200)
    expect(page.locator("#steps").get_by_role("button", name="Done")).to_be_visible()
    keys.press("Escape")
    expect(cards.first).to_be_focused()
    expect(cards).to_contain_text(["Send “Spring offer text” to Offers"])

    keys.press("a")
    pick(page, keys, "Wait")
    expect(page.locator("#steps [name$='-amount']")).to_be_focused()
    keys.write("2")
    keys.press("Tab")
    expect(page.locator("#steps").get_by_role("button", name="Done")).to_be_visible()
    keys.press("Escape")
    expect(cards).to_contain_text(["Send “Spring offer text” to Offers", "Wait 2 days"])
    keys.press("Alt+ArrowUp")
    expect(cards).to_contain_text(["Wait 2 days", "Send “Spring offer text” to Offers"])
    expect(page.locator("#announcer")).to_contain_text("1 of 2")
    expect(cards.first).to_be_focused()
    keys.press("Delete")
    expect(cards).to_contain_text(["Send “Spring offer text” to Offers"])
    expect(cards.first).to_be_focused()

    go_to_tab(page, keys, "Schedule")
    expect(page.locator("#forecast")).to_contain_text("Counted at")
    keys.skip_to_page()
    keys.use(page.locator("#run-now"))
    keys.use(page.locator("#run-form button.btn-primary"))
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text("Results")
    wait_until_finished(page)

    assert demo.texted(since=before) == dict.fromkeys(expected, 1)
    assert sum_of_step(page) == (14, {"sent": len(expected), "skipped": 14 - len(expected)})

    keys.skip_to_page()
    keys.use(page.locator(".sum-line a", has_text="skipped").first)
    people = page.get_by_role("region", name="People of this run")
    keys.use(people.get_by_role("link", name="Explain").first)
    expect(page.get_by_role("dialog")).to_contain_text("Skipped")
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
