"""The tree in a real browser: dragged, renamed in place, and its menu, by mouse, by keyboard and by finger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect

from campaigns import tree
from campaigns.models import Node
from people import lists
from tests.axe import faults
from tests.campaigns import make
from tests.campaigns.make import NOON

pytestmark = pytest.mark.browser


@pytest.fixture
def some(transactional_db: None) -> Node:
    """An open folder that holds a message; beside it another folder."""
    spring = tree.create_folder(parent=None, name="Spring", now=NOON)
    tree.create_folder(parent=None, name="Autumn", now=NOON)
    tree.create_message(parent=spring, name="Text", now=NOON)
    return spring


def enter(page: Page, live_server: Any, open_: Node) -> Page:
    client = Client()
    client.force_login(make.user())
    cookies = {"sessionid": client.cookies["sessionid"].value, "tree_open": str(open_.pk)}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    page.goto(live_server.url + reverse("campaigns:tree"))
    return page


@pytest.fixture
def at(page: Page, live_server: Any, some: Node) -> Iterator[Page]:
    yield enter(page, live_server, some)
    page.wait_for_load_state("networkidle")  # nothing asks the database when it is gone


@pytest.fixture
def touched(browser: Browser, live_server: Any, some: Node) -> Iterator[Page]:
    """The same on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True, locale="en-US"
    )
    context.set_default_timeout(10_000)
    page = enter(context.new_page(), live_server, some)
    open_drawer(page)
    yield page
    page.wait_for_load_state("networkidle")
    context.close()


def open_drawer(page: Page) -> None:
    """The tree of a phone, once it has slid in."""
    page.get_by_role("button", name="Tree").tap()
    page.locator("#tree-pane").evaluate(
        "pane => Promise.all(pane.getAnimations().map((each) => each.finished))"
    )


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=name)


def middle(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box
    return box["x"] + 90, box["y"] + box["height"] / 2


def drag(page: Page, what: Locator, onto: Locator) -> None:
    (x, y), (to_x, to_y) = middle(what), middle(onto)
    page.mouse.move(x, y)
    page.mouse.down()
    for bit in range(1, 16):  # as a hand does: it takes its time
        page.mouse.move(x + (to_x - x) * bit / 15, y + (to_y - y) * bit / 15)
        page.wait_for_timeout(20)
    page.wait_for_timeout(100)
    page.mouse.up()


def drag_by_finger(page: Page, what: Locator, onto: Locator) -> None:
    send = page.context.new_cdp_session(page).send
    (x, y), (to_x, to_y) = middle(what), middle(onto)
    send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_timeout(400)
    for part in range(1, 6):
        point = {"x": x + (to_x - x) * part / 5, "y": y + (to_y - y) * part / 5}
        send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(60)
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def lies_in(name: str) -> str | None:
    parent = Node.objects.select_related("parent").get(name=name).parent
    return parent.name if parent else None


def test_a_line_is_dragged_onto_a_folder(at: Page) -> None:
    drag(at, line(at, "Text"), line(at, "Autumn"))

    expect(at.locator("#toasts")).to_contain_text("“Text” is in “Autumn” now.")
    expect(line(at, "Text")).to_have_attribute("aria-level", "2")
    assert lies_in("Text") == "Autumn"
    assert at.url.endswith(reverse("campaigns:tree"))


def test_a_drop_that_cannot_be_says_why(at: Page) -> None:
    drag(at, line(at, "Autumn"), line(at, "Text"))

    expect(at.locator("#toasts")).to_contain_text("Only folders and programs can hold something.")
    expect(line(at, "Autumn")).to_have_attribute("aria-level", "1")


def test_resting_on_a_closed_folder_opens_it(at: Page) -> None:
    autumn = Node.objects.get(name="Autumn")
    tree.create_folder(parent=autumn, name="Leaves", now=NOON)
    at.reload()
    expect(line(at, "Leaves")).to_be_hidden()

    (x, y), onto = middle(line(at, "Text")), middle(line(at, "Autumn"))
    at.mouse.move(x, y)
    at.mouse.down()
    at.mouse.move(x, y + 8, steps=4)
    at.mouse.move(*onto, steps=8)
    expect(line(at, "Leaves")).to_be_visible()
    at.mouse.move(*middle(line(at, "Leaves")), steps=8)
    at.mouse.up()

    expect(at.locator("#toasts")).to_contain_text("“Text” is in “Leaves” now.")
    assert lies_in("Text") == "Leaves"


def test_a_click_is_no_drag(at: Page) -> None:
    line(at, "Text").click()

    expect(at).to_have_url(at.url)
    at.wait_for_url("**/messages/*/")


def test_a_line_is_dragged_by_finger(touched: Page) -> None:
    drag_by_finger(touched, line(touched, "Text"), line(touched, "Autumn"))

    expect(touched.locator("#toasts")).to_contain_text("“Text” is in “Autumn” now.")
    assert lies_in("Text") == "Autumn"


def test_the_menu_opens_by_finger(touched: Page) -> None:
    line(touched, "Text").locator("[data-more]").tap()

    touched.get_by_role("link", name="Delete…").tap()
    touched.get_by_role("button", name="Delete").tap()
    expect(touched.get_by_role("dialog")).to_be_hidden()
    open_drawer(touched)

    expect(line(touched, "Spring")).to_be_visible()
    expect(line(touched, "Text")).to_have_count(0)


def test_people_are_dragged_onto_a_list(at: Page, live_server: Any) -> None:
    guests = tree.create_static_list(parent=None, name="Guests", now=NOON).static_list
    named = tree.create_static_list(parent=None, name="Here", now=NOON).static_list
    person = make.subscriber(make.vibes_list(), first_name="Ben", last_name="Lee")
    lists.add(named, [person.pk], by="ada", now=NOON)
    at.goto(live_server.url + reverse("campaigns:static-list", args=[named.pk]))

    drag(at, at.locator(f"[data-person='{person.pk}'] td").nth(2), line(at, "Guests"))

    expect(at.locator("#toasts")).to_contain_text("Guests")
    assert guests in person.static_lists.all()


def test_a_right_click_opens_the_menu_and_makes_something_here(at: Page) -> None:
    line(at, "Autumn").click(button="right")
    at.get_by_text("New here…").click()
    at.locator("#node-menu").get_by_role("link", name="Folder…").click()
    at.get_by_label("Name").fill("Leaves")
    at.get_by_role("button", name="Create").click()

    expect(at.get_by_role("heading", name="Leaves")).to_be_visible()
    assert lies_in("Leaves") == "Autumn"


def test_the_menu_stays_when_the_button_is_let_go(at: Page) -> None:
    line(at, "Text").hover()
    at.mouse.down(button="right")
    expect(at.locator("#node-menu")).to_be_visible()
    at.mouse.up(button="right")
    at.wait_for_timeout(100)
    expect(at.locator("#node-menu")).to_be_visible()

    at.mouse.click(900, 600)

    expect(at.locator("#node-menu")).to_be_hidden()


def test_the_menu_goes_by_keyboard_and_gives_the_focus_back(at: Page) -> None:
    line(at, "Text").focus()
    at.keyboard.press("Shift+F10")
    expect(at.locator("#node-menu summary")).to_be_focused()

    at.keyboard.press("ArrowDown")
    expect(at.locator("#node-menu").get_by_role("link", name="Rename")).to_be_focused()
    at.keyboard.press("Escape")

    expect(at.locator("#node-menu")).to_be_hidden()
    expect(line(at, "Text")).to_be_focused()


def test_a_line_is_moved_by_keyboard_alone(at: Page) -> None:
    line(at, "Text").focus()
    at.keyboard.press("Shift+F10")
    expect(at.locator("#node-menu summary")).to_be_focused()
    for _ in range(3):
        at.keyboard.press("ArrowDown")
    at.keyboard.press("Enter")
    expect(at.locator("#find-place")).to_be_focused()
    at.keyboard.type("aut")
    expect(at.locator("#places label")).to_have_count(1)
    with at.expect_response(lambda answer: "find=aut" in answer.url):
        at.keyboard.press("Enter")  # it only looks once more
    at.wait_for_timeout(200)  # until what was found stands there
    at.get_by_label("Autumn").focus()
    at.keyboard.press("Space")
    at.keyboard.press("Tab")
    at.keyboard.press("Tab")
    at.keyboard.press("Enter")

    expect(line(at, "Text")).to_be_focused()
    assert lies_in("Text") == "Autumn"


def test_a_name_is_changed_in_place(at: Page) -> None:
    line(at, "Text").focus()
    at.keyboard.press("F2")
    expect(at.get_by_label("New name of Text")).to_be_focused()
    at.keyboard.type("Words")
    at.keyboard.press("Enter")

    expect(line(at, "Words")).to_be_focused()
    expect(at.locator("#announcer")).to_have_text("“Text” is called “Words” now.")


def test_a_name_is_changed_from_the_menu(at: Page) -> None:
    line(at, "Text").click(button="right")
    at.get_by_role("link", name="Rename").click()
    expect(at.get_by_label("New name of Text")).to_be_focused()
    at.keyboard.type("Words")
    at.keyboard.press("Enter")

    expect(line(at, "Words")).to_have_attribute("aria-level", "2")


def test_leaving_the_field_saves_or_closes_it(at: Page) -> None:
    line(at, "Text").focus()
    at.keyboard.press("F2")
    field = at.get_by_label("New name of Text")
    expect(field).to_be_focused()
    at.keyboard.press("Tab")
    expect(field).to_have_count(0)  # nothing was typed

    line(at, "Text").focus()
    at.keyboard.press("F2")
    field.fill("Words")
    at.get_by_role("searchbox", name="Filter the tree").click()

    expect(line(at, "Words")).to_be_visible()


def test_esc_brings_the_name_back(at: Page) -> None:
    line(at, "Text").focus()
    at.keyboard.press("F2")
    at.get_by_label("New name of Text").press_sequentially("Wor")
    at.keyboard.press("Escape")

    expect(line(at, "Text")).to_be_focused()
    assert Node.objects.filter(name="Text").exists()


def test_a_refused_name_stays_and_what_others_do_waits(at: Page) -> None:
    line(at, "Autumn").focus()
    at.keyboard.press("F2")
    field = at.get_by_label("New name of Autumn")
    field.fill("Spring")
    at.keyboard.press("Enter")
    expect(at.get_by_role("alert")).to_contain_text("already a folder called “Spring”")

    tree.create_folder(parent=None, name="Winter", now=NOON)
    at.evaluate("htmx.trigger(document.querySelector('#tree-body > div'), 'seen')")
    at.wait_for_timeout(300)

    expect(field).to_have_value("Spring")
    expect(field).to_be_focused()
    assert faults(at) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_menu_and_dialog(at: Page, scheme: Any) -> None:
    at.emulate_media(color_scheme=scheme)
    line(at, "Text").click(button="right")
    at.get_by_text("New here…").click()
    assert faults(at) == []

    at.get_by_role("link", name="Move…").click()
    expect(at.locator("#find-place")).to_be_visible()
    assert faults(at) == []


def test_the_list_of_what_is_in_a_folder_follows(at: Page) -> None:
    contents = at.locator("#contents tbody tr")
    expect(contents).to_have_text([re.compile("Autumn"), re.compile("Spring")])

    drag(at, line(at, "Autumn"), line(at, "Spring"))

    expect(contents).to_have_text([re.compile("Spring")])
