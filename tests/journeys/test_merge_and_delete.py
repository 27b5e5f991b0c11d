"""Merging and deleting people, by mouse and by keyboard alone; every page readable for all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.axe import faults
from tests.journeys.keyboard import Keyboard
from tests.journeys.site import Running
from tests.journeys.test_every_page import DESK, PHONE
from tests.journeys.walking import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
NAMES = ["Ana", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal", "Ida", "Jo"]
PEOPLE = f"""
from django.utils import timezone
from people import editing
for place, name in enumerate({NAMES}):
    number = editing.number(f"312 555 01{{place // 2:02d}}", region="US")
    known = {{"first_name": name, "last_name": "Whitfield", "email": f"{{name}}@example.com"}}
    editing.create(known | number, by="demo", now=timezone.now())
"""


@pytest.fixture(scope="module")
def demo(empty_site: Running) -> Running:
    """People of their own, two to a number: whoever is merged or erased is missed by no other journey."""
    empty_site.manage("shell", "-c", PEOPLE)
    return empty_site


class Mouse:
    """The same two verbs by mouse."""

    def use(self, target: Locator) -> None:
        target.click()

    def tick(self, target: Locator) -> None:
        target.check()


class Keys(Keyboard):
    def tick(self, target: Locator) -> None:
        self.reach(target)
        self.press("Space")


def readable(page: Page) -> None:
    """In light, in dark and on a phone."""
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    for scheme, size in (("light", DESK), ("dark", DESK), ("dark", PHONE), ("light", DESK)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert faults(page) == []


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_merges_two_who_share_a_number(page: Page, demo: Running, how: str) -> None:
    sign_in(page, demo)
    hands = Mouse() if how == "mouse" else Keys(page)
    page.goto(f"{demo.url}/database/duplicates/")
    readable(page)
    group = page.locator("form.panel").first
    ids = group.locator("[name=person]").evaluate_all("all => all.map(each => each.value)")[:2]
    for box in group.locator("[name=person]").all()[2:]:
        box.uncheck()

    hands.use(group.get_by_role("button", name="Merge…"))
    expect(page.get_by_role("heading", name="Merge 2 records")).to_be_visible()
    readable(page)
    hands.use(page.get_by_role("button", name="See what will happen"))
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    readable(page)
    hands.use(page.get_by_role("button", name="Merge for good"))

    expect(page.get_by_text("2 records are one now")).to_be_visible()
    page.goto(f"{demo.url}/database/people/{ids[1]}/")
    expect(page).to_have_url(f"{demo.url}/database/people/{ids[0]}/")
    page.goto(f"{demo.url}/database/people/{ids[0]}/log/")
    expect(page.get_by_text("Merged with").first).to_be_visible()


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_deletes_restores_and_erases_somebody(page: Page, demo: Running, how: str) -> None:
    sign_in(page, demo)
    hands = Mouse() if how == "mouse" else Keys(page)
    page.goto(f"{demo.url}/database/")
    page.locator("tbody a").nth(3 if how == "mouse" else 5).click()
    name = page.get_by_role("heading", level=1).inner_text()
    _delete(page, hands)
    readable(page)

    hands.tick(page.get_by_role("checkbox", name=name))
    hands.use(page.get_by_role("button", name="Restore"))
    expect(page.get_by_text("1 person is back.")).to_be_visible()

    page.goto(f"{demo.url}/database/")
    page.get_by_role("link", name=name, exact=True).first.click()
    _delete(page, hands)
    hands.tick(page.get_by_role("checkbox", name=name))
    hands.use(page.get_by_role("button", name="Erase for good…"))
    expect(page.get_by_role("heading", name="Erase 1 person for good?")).to_be_visible()
    readable(page)
    hands.use(page.get_by_role("button", name="Erase for good"))
    expect(page.get_by_text("1 person is being erased.")).to_be_visible()
    assert _gone(page, name)


def _delete(page: Page, hands: Mouse | Keys) -> None:
    hands.use(page.get_by_role("button", name="Delete…"))
    expect(page.get_by_role("heading", name="Delete 1 person?")).to_be_visible()
    hands.use(page.get_by_role("button", name="Delete", exact=True))
    expect(page.get_by_text("1 person is in the recycle bin now.")).to_be_visible()


def _gone(page: Page, name: str) -> bool:
    """The worker erases soon; the page is looked at anew until then."""
    for _ in range(30):
        if not page.get_by_role("checkbox", name=name).count():
            return True
        page.wait_for_timeout(1_000)
        page.reload()
    return False
