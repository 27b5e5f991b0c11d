"""The tree in a real browser: it follows what others do, is filtered, and stands in nobody's way."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from campaigns import archiving, binning, tree
from campaigns.models import Node
from tests.axe import faults
from tests.campaigns import make
from tests.campaigns.make import NOON

pytestmark = pytest.mark.browser


@pytest.fixture
def at(page: Page, live_server: Any, transactional_db: None) -> Page:
    """The tree's page with an open folder that holds a campaign and a message, one thing archived, one deleted."""
    spring = tree.create_folder(parent=None, name="Spring", now=NOON)
    make.campaign(parent=spring, steps=[("send_sms", {"message": ""})])
    tree.create_message(parent=spring, name="Text", now=NOON)
    for name, deed in (("Old", archiving.archive), ("Gone", _delete)):
        deed(tree.create_folder(parent=spring, name=name, now=NOON))
    client = Client()
    client.force_login(make.user())
    cookies = {"sessionid": client.cookies["sessionid"].value, "tree_open": str(spring.pk)}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    page.goto(live_server.url + reverse("campaigns:tree"))
    return page


def _delete(node: Node) -> None:
    binning.delete(node, by=make.user(), now=NOON)


def test_what_others_change_appears_and_the_focus_stays(at: Page) -> None:
    line = at.locator("[role=treeitem]", has_text="Text")
    line.focus()
    tree.rename(Node.objects.get(name="Send to Chicago"), name="Send to Boston")

    at.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(at.locator("#tree")).to_contain_text("Send to Boston")
    expect(at.locator("[role=treeitem]", has_text="Text")).to_be_focused()


def test_it_is_filtered_as_one_types_and_chooses(at: Page) -> None:
    at.get_by_role("searchbox", name="Filter the tree").press_sequentially("sp")
    expect(at.locator("#tree-body mark")).to_have_text("Sp")

    at.get_by_role("searchbox", name="Filter the tree").fill("")
    expect(at.locator("#tree")).to_be_visible()
    at.get_by_text("Kind and state").click()
    at.get_by_label("Invalid").check()
    expect(at.locator(".tree-found .tree-name")).to_contain_text("Send to Chicago")


def test_all_of_it_closes_at_once(at: Page) -> None:
    at.get_by_role("link", name="Collapse all").click()

    expect(at.locator("[role=treeitem]:visible")).to_have_count(1)
    at.reload()
    expect(at.locator("[role=treeitem]:visible")).to_have_count(1)


def test_axe_finds_nothing(at: Page, live_server: Any) -> None:
    at.get_by_text("Kind and state").click()
    assert faults(at) == []

    for name in ("bin", "archived"):
        at.goto(live_server.url + reverse(f"campaigns:{name}"))
        assert faults(at) == []


def test_what_was_open_is_open_on_the_next_page(at: Page) -> None:
    at.get_by_role("link", name="Collapse all").click()
    expect(at.locator("[role=treeitem]:visible")).to_have_count(1)
    line = at.get_by_role("treeitem", name="Spring")

    line.focus()
    at.keyboard.press("ArrowRight")
    expect(at.get_by_role("treeitem", name="Text")).to_be_visible()
    at.reload()

    expect(at.get_by_role("treeitem", name="Text")).to_be_visible()
    line.focus()
    at.keyboard.press("ArrowLeft")
    at.reload()
    expect(at.locator("[role=treeitem]:visible")).to_have_count(1)


def test_the_tree_is_resized_by_pointer_and_by_keys_and_stays_so(at: Page) -> None:
    pane = at.locator("#tree-pane")
    assert width(pane) == 280

    at.mouse.move(280, 500)
    at.mouse.down()
    at.mouse.move(401, 500, steps=4)
    at.mouse.up()
    assert width(pane) == 400
    at.get_by_label("Width of the tree").press("ArrowLeft")
    assert width(pane) == 380
    at.reload()

    assert width(pane) == 380
    assert faults(at) == []


def width(of: Locator) -> float:
    box = of.bounding_box()
    assert box
    return box["width"]
