"""Every page that links lead to: readable for all, in both schemes, on a desk and on a phone."""

from __future__ import annotations

import json
from collections import deque
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.axe import faults
from tests.journeys.site import Running
from tests.journeys.walking import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
# What must be among the pages found, so that a broken link does not pass for a page without faults.
MUST_BE_FOUND = {
    *("home", "people:database", "people:person", "people:imports", "people:lists"),
    *("people:memberships", "people:log", "people:may-we-text", "people:value-history"),
    *("people:new-person", "people:new-view", "people:fields"),
    *("people:duplicates", "people:bin"),
    *("people:exports", "people:new-export"),
    *(
        "vibes:home",
        "vibes:account",
        "vibes:rotate",
        "vibes:sender",
        "vibes:wording",
        "vibes:drift",
    ),
    *("campaigns:system-lists", "campaigns:system-list", "campaigns:act", "people:list"),
    *("people:rename-list", "people:delete-list", "campaigns:place-list"),
    *("campaigns:tree", "campaigns:node", "campaigns:message"),
    *("campaigns:bin", "campaigns:archived", "campaigns:clone-node"),
    *("campaigns:smart-list", "campaigns:flow", "campaigns:schedule", "campaigns:results"),
    *(
        "campaigns:members",
        "campaigns:history",
        "campaigns:test-for",
        "campaigns:explain",
        "campaigns:run",
        "campaigns:run-later",
        "campaigns:new-node",
    ),
}
NOT_PAGES = {
    "people:import-rejects",
    "people:export-download",
    "vibes:drift-export",
    "vibes:consent-export",
}
# Names that belong to one page of many kinds; all others are looked at once. Of the tree's pages as
# many as a demo has: which come first depends on what others did in it, and one leads to the messages.
MANY = {
    "campaigns:new-node": 4,
    "campaigns:node": 12,
    "campaigns:results": 2,
    "campaigns:flow": 3,
    "campaigns:schedule": 3,  # one is of a triggered campaign, which nobody runs
}


def look_at_all(page: Page, site: Running) -> tuple[set[str], dict[str, dict[str, list[str]]]]:
    """The views of every address that links reach from Home, a few for each; and by address, its faults."""
    found: dict[str, str] = {"/": "home"}
    wrong: dict[str, dict[str, list[str]]] = {}
    waiting = deque(found)
    while waiting:
        here = waiting.popleft()
        if looks := in_every_look(page, site.url + here):
            wrong[here] = looks
        for address in page.eval_on_selector_all("a[href]", "all => all.map(each => each.href)"):
            path = _own(address, site)
            name = _view(path)
            seen = sum(view == name for view in found.values())
            if name and path not in found and seen < MANY.get(name, 1):
                found[path] = name
                waiting.append(path)
    return set(found.values()), wrong


def _own(address: str, site: Running) -> str:
    """Path and query of an address of ours; '' for another one."""
    if not address.startswith(f"{site.url}/"):
        return ""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _view(path: str) -> str:
    try:
        name = resolve(urlsplit(path).path).view_name if path else ""
    except Resolver404:
        return ""
    ours = name and not name.startswith(("admin:", "account_")) and name not in NOT_PAGES
    return name if ours else ""


def in_every_look(page: Page, address: str) -> dict[str, list[str]]:
    """The faults of one page, by look: light, dark, on a phone. Nothing may be half faded in."""
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    looks = {"light": faults(page)}
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    looks["dark"] = faults(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    looks["phone"] = faults(page)
    return {look: found for look, found in looks.items() if found}


def test_no_page_has_a_fault_in_any_look(page: Page, demo: Running) -> None:
    sign_in(page, demo)
    page.goto(f"{demo.url}/database/lists/")  # the first by name, and not in the tree yet
    page.get_by_label("Name", exact=True).last.fill("1 list for every page")
    page.get_by_role("button", name="Make list").click()

    found, wrong = look_at_all(page, demo)

    assert MUST_BE_FOUND - found == set()
    assert wrong == {}, json.dumps(wrong, indent=1)


def test_the_sign_in_page_has_no_fault_in_any_look(page: Page, demo: Running) -> None:
    assert in_every_look(page, f"{demo.url}/accounts/login/") == {}
