"""A smart list built, watched and used in a campaign: by mouse, and again without one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from config.demo_world import cast
from config.demo_world.places import CANADA
from tests.journeys.keyboard import Keyboard
from tests.journeys.site import Running
from tests.journeys.test_keyboard import begin_campaign, go_to_tab, pick
from tests.journeys.test_keyboard import sign_in as sign_in_by_keyboard
from tests.journeys.walking import _new, drag_from_palette, filter_by, new_campaign, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
RULE = "1 and (2 or 3)"


def expected() -> int:
    """In Canada, and in Toronto or with a score of 50 at least; from the cast, not from the product."""
    return sum(
        part.place.country == CANADA
        and (part.place.city == "Toronto" or part.serial * 37 % 101 >= 50)
        for part in cast.parts()
    )


def count(page: Page) -> Locator:
    return page.locator("#people-title")


def words(number: int) -> re.Pattern[str]:
    return re.compile(rf"^\s*{number:,} people\s*$")


def click_filter(page: Page, label: str, *, operator: str, value: str) -> None:
    """Click a filter of the palette, which puts it at the end, and fill it in."""
    cards = page.locator("#filters > [data-card]")
    before = cards.count()
    page.locator("#palette-items .palette-item", has_text=re.compile(rf"^\s*{label}")).click()
    expect(cards).to_have_count(before + 1)
    page.locator("#filters select[name$='-operator']").last.select_option(label=operator)
    box = page.locator("#filters input:is([id$='-value'], [id$='-value-ts-control']):visible").last
    box.fill(value)
    box.press("Tab")
    expect(page.locator("#draft")).to_contain_text(f"{label} {operator} {value}")
    expect(page.locator("[data-save-state]")).to_have_text("Saved")


def test_by_mouse(page: Page, demo: Running) -> None:
    sign_in(page, demo)
    _new(page, "Smart list…", "Mouse list")
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text("Smart List")

    filter_by(page, "Country", operator="is", value="Canada")
    expect(count(page)).to_contain_text("people")
    alone = count(page).inner_text()
    click_filter(page, "City", operator="is", value="Toronto")
    expect(count(page)).not_to_have_text(alone)
    click_filter(page, "Score", operator="at least", value="50")
    page.locator(".match select").select_option(label="Advanced logic")
    box = page.locator(".match-logic input")
    expect(box).to_have_value("1 and 2 and 3")
    box.fill(RULE)
    box.press("Tab")
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    expect(count(page)).to_have_text(words(expected()))

    page.locator("nav.tabs").get_by_role("link", name="People").click()
    expect(page.locator("tr[data-person]").first).to_be_visible()

    new_campaign(page, "Uses the mouse list")
    drag_from_palette(page, "Member of Smart List", onto=page.locator("#filters"))
    page.locator("#filters select[name$='-smart_list']").select_option(label="Mouse list")
    expect(page.locator("#draft")).to_contain_text("Member of Smart List in Mouse list")
    expect(count(page)).to_have_text(words(expected()))


def add_filter(page: Page, keys: Keyboard, name: str, operator: str, value: str) -> None:
    """With the keyboard on the page: the button of an empty list, or A on the last card."""
    cards = page.locator("#filters > [data-card]")
    before = cards.count()
    if before:
        keys.skip_to_page()
        keys.reach(page.locator("#filters > [data-card][tabindex='0']"))
        while not keys.is_on(cards.last):
            keys.press("ArrowDown")
        keys.press("a")
    else:
        keys.use(page.get_by_role("button", name="Add a filter"))
    pick(page, keys, name)
    expect(cards).to_have_count(before + 1)
    if operator != "is":
        keys.reach(page.locator("#filters select[name$='-operator']").last)
        keys.write(operator)
    keys.reach(
        page.locator("#filters input:is([id$='-value'], [id$='-value-ts-control']):visible").last
    )
    keys.write(value)
    keys.press("Tab")
    expect(page.locator("#draft")).to_contain_text(f"{name} {operator} {value}")
    expect(page.locator("[data-save-state]")).to_have_text("Saved")


def test_by_keyboard_alone(page: Page, demo: Running) -> None:
    keys = Keyboard(page)
    sign_in_by_keyboard(page, keys, demo)
    keys.use(page.get_by_role("link", name="Marketing Activities", exact=True).first)
    keys.use(page.locator(".pane-tree .menu > button", has_text="New"))
    keys.use(page.locator(".pane-tree").get_by_role("link", name="Smart list…"))
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    keys.write("Keyboard list")
    keys.press("Enter")
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text("Smart List")

    add_filter(page, keys, "Country", "is", "Canada")
    expect(count(page)).to_contain_text("people")
    alone = count(page).inner_text()
    add_filter(page, keys, "City", "is", "Toronto")
    expect(count(page)).not_to_have_text(alone)
    add_filter(page, keys, "Score", "at least", "50")
    keys.skip_to_page()
    keys.reach(page.locator(".match select"))
    keys.press("End")
    expect(page.locator(".match-logic input")).to_be_visible()
    keys.reach(page.locator(".match-logic input"))
    keys.press("Control+a")
    keys.write(RULE)
    keys.press("Tab")
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    expect(count(page)).to_have_text(words(expected()))

    begin_campaign(page, keys, "Uses the keyboard list")
    keys.use(page.get_by_role("button", name="Add a filter"))
    pick(page, keys, "Member of Smart List")
    keys.reach(page.locator("#filters select[name$='-smart_list']"))
    keys.write("Keyboard")
    expect(page.locator("#draft")).to_contain_text("Member of Smart List in Keyboard list")
    expect(count(page)).to_have_text(words(expected()))
    go_to_tab(page, keys, "Flow")
    expect(page.locator(".crumbs")).to_contain_text("Uses the keyboard list")


def test_people_are_dragged_onto_a_list_and_put_there_by_keyboard(
    page: Page, demo: Running
) -> None:
    sign_in(page, demo)
    _new(page, "Static list…", "Dragged")
    expect(page.locator("#content")).to_contain_text("Nobody is on this list")
    _new(page, "Smart list…", "To be dragged")
    filter_by(page, "City", operator="is", value="Denver")
    page.locator("nav.tabs").get_by_role("link", name="People").click()

    rows = page.locator("tr[data-person]")
    rows.nth(0).get_by_role("checkbox").check()
    rows.nth(1).get_by_role("checkbox").check()
    line = page.locator("[data-static-list]", has_text="Dragged")
    rows.nth(1).locator("td").nth(2).drag_to(line)
    expect(page.locator("#toasts")).to_contain_text("2 people are now on “Dragged”.")

    keys = Keyboard(page)
    keys.reach(rows.nth(2).get_by_role("checkbox"))
    keys.press("Space")
    keys.reach(page.locator("#bar-list"))
    keys.write("Dragged")
    keys.use(page.get_by_role("button", name="Add to list"))
    expect(page.locator("#toasts")).to_contain_text("1 person is now on “Dragged”.")

    line.click()
    expect(page.locator("tr[data-person]")).to_have_count(3)
    page.locator("tr[data-person] input").first.check()
    page.get_by_role("button", name="Single flow action…").click()
    page.locator("#act-kind").select_option(label="Remove from List")
    page.locator("[name=step-static_list]").select_option(label="Dragged")
    page.get_by_role("button", name="Remove from List with 1 person").click()
    expect(page.locator("#run-title")).to_contain_text("Finished", timeout=60_000)
    expect(page.locator("#content")).to_contain_text("A single flow action for 1 ticked person.")
