"""What a marketer does with mouse and eyes, in the words of the screens."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.journeys.site import Running

STEPS_OF_A_DRAG = 20
PATIENCE = 60.0


def sign_in(page: Page, site: Running) -> None:
    """From the site's address to Home, as demo."""
    page.goto(site.url)
    page.locator("[name=login]").fill("demo")
    page.locator("[name=password]").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()


def open_from_home(page: Page, *path: str) -> None:
    """Home → Marketing Activities → open each folder on the way → the last of `path`."""
    page.get_by_role("link", name="Marketing Activities", exact=True).click()
    *folders, wanted = path
    for name in folders:
        line = branch(page, name)
        if line.get_attribute("aria-expanded") == "false":
            line.locator("[data-twisty]").click()
        expect(line).to_have_attribute("aria-expanded", "true")
    branch(page, wanted).click()
    expect(page.locator(".crumbs")).to_contain_text(wanted)


def branch(page: Page, name: str) -> Locator:
    """A line of the tree by its name."""
    named = page.locator(".tree-name").filter(has_text=re.compile(f"^{re.escape(name)}$"))
    return page.locator("[role=treeitem]").filter(has=named)


def open_tab(page: Page, name: str) -> None:
    page.locator("nav.tabs").get_by_role("link", name=name, exact=True).click()
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text(name)


def new_campaign(page: Page, name: str) -> None:
    """New → Smart campaign… → its name; ends on its Smart List tab."""
    _new(page, "Smart campaign…", name)
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text("Smart List")


def new_message(page: Page, name: str, text: str) -> None:
    """New → SMS message… → its name → its text → approved."""
    _new(page, "SMS message…", name)
    page.locator("textarea[name=text]").fill(text)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#content")).to_contain_text("Approved")


def _new(page: Page, kind: str, name: str) -> None:
    page.get_by_role("link", name="Marketing Activities", exact=True).first.click()
    page.locator(".pane-tree .menu > button", has_text="New").click()
    page.locator(".pane-tree").get_by_role("link", name=kind).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.locator("button.btn-primary").click()


def filter_by(page: Page, label: str, *, operator: str, value: str) -> None:
    """Drag a filter onto an empty smart list and fill it in."""
    drag_from_palette(page, label, onto=page.locator("#filters"))
    page.locator("#filters select[name$='-operator']").last.select_option(label=operator)
    box = page.locator("#filters input:is([id$='-value'], [id$='-value-ts-control'])").last
    box.fill(value)
    box.press("Tab")
    expect(page.locator("#draft")).to_contain_text(f"{label} {operator} {value}")
    expect(page.locator("[data-save-state]")).to_have_text("Saved")


def drag_from_palette(page: Page, label: str, *, onto: Locator) -> None:
    """Carry a step or filter from the palette to the end of a list, as a hand does: bit by bit."""
    item = page.locator("[data-palette] [data-palette-item]").filter(
        has=page.locator(".palette-item", has_text=re.compile(f"^{re.escape(label)}"))
    )
    item.scroll_into_view_if_needed()
    x, y = _middle(item)
    page.mouse.move(x, y)
    page.mouse.down()
    for bit in range(1, STEPS_OF_A_DRAG + 1):
        share = bit / STEPS_OF_A_DRAG
        to_x, to_y = _below(
            onto
        )  # it may move: what stands above the list says more or less meanwhile
        page.mouse.move(x + (to_x - x) * share, y + (to_y - y) * share)
        sleep(0.02)
    page.mouse.up()


def _middle(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _below(of: Locator) -> tuple[float, float]:
    """Within the last quarter of a list's height."""
    box = of.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.75


def choose(page: Page, **choices: str) -> None:
    """Choose in dropdowns of the card that is open: field name=label; waits until it is saved."""
    for field, label in choices.items():
        box = page.locator(f"#steps select[name$='-{field}']").last
        box.select_option(label=label)
        expect(page.locator("[data-save-state]")).to_have_text("Saved")
        expect(page.locator(f"#steps select[name$='-{field}']").last).not_to_have_class(
            re.compile("is-invalid")
        )


def run_now(page: Page, *, typed: str = "") -> str:
    """Schedule → read who will get it → Run now → confirm; returns what the dry run said.

    `typed` is the count that has to be typed where the audience is large.
    """
    open_tab(page, "Schedule")
    expect(page.locator("#forecast")).to_contain_text("Counted at")
    said = page.locator("#forecast").inner_text()
    page.locator("#run-now").click()
    if typed:
        page.locator("#run-form input[type=text]").fill(typed)
    page.locator("#run-form button.btn-primary").click()
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text("Results")
    return said


def wait_until_finished(page: Page, *, seconds: float = PATIENCE) -> None:
    """Results says so by itself, without a reload."""
    expect(page.locator("#run-title")).to_contain_text("Finished", timeout=seconds * 1000)


def sum_of_step(page: Page, number: int = 1) -> tuple[int, dict[str, int]]:
    """The sum line of a step as it is read: how many entered, and the terms by their words."""
    line = page.locator(".sum-line", has_text="=").nth(number - 1)
    left, _, right = " ".join(line.inner_text().split()).partition("=")
    terms = [term.strip().split(" ", 1) for term in right.split("+")]
    return _figure(left.split()[0]), {words: _figure(count) for count, words in terms}


def _figure(text: str) -> int:
    return int(text.replace(",", ""))


def eventually(question: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """The first answer that is not empty; the last one when none came in time."""
    ends = monotonic() + seconds
    while not (answer := question()) and monotonic() < ends:
        sleep(0.2)
    return answer
