"""The search and the list of issues in a real browser, by keyboard alone, on a desk and on a phone."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.axe import faults
from tests.campaigns import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada(page: Page, live_server: LiveServer) -> Page:
    """A page of somebody who has signed in."""
    client = Client()
    client.force_login(make.user())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return page


def test_ctrl_k_and_arrows_lead_to_what_was_found(ada: Page, live_server: LiveServer) -> None:
    campaign = make.campaign("Spring offer")
    ada.goto(f"{live_server.url}/database/")

    ada.keyboard.press("Control+k")
    ada.keyboard.type("spring")
    ada.get_by_role("link", name="Spring offer").wait_for()
    assert faults(ada) == []
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("Enter")

    ada.wait_for_url(f"**{campaign.get_absolute_url()}")


def test_arrows_come_back_to_the_box_and_esc_leaves(ada: Page, live_server: LiveServer) -> None:
    make.campaign("Spring offer")
    ada.goto(f"{live_server.url}/database/")
    box, found = ada.locator("[data-search] input"), ada.locator("#search-results a")
    box.press_sequentially("spring")
    found.first.wait_for()

    ada.keyboard.press("ArrowUp")
    expect(found.last).to_be_focused()
    ada.keyboard.press("ArrowDown")
    expect(box).to_be_focused()
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("Escape")

    expect(found.first).to_be_hidden()
    expect(box).to_be_focused()


def test_what_was_found_is_on_the_screen_of_a_phone(ada: Page, live_server: LiveServer) -> None:
    make.campaign("Spring offer")
    ada.set_viewport_size({"width": 360, "height": 740})
    ada.goto(f"{live_server.url}/database/")
    ada.keyboard.press("Control+k")
    ada.keyboard.type("spring")
    found = ada.get_by_role("link", name="Spring offer")
    found.wait_for()

    box = found.bounding_box()
    assert box
    assert 0 <= box["x"] <= 360 - box["width"]


def test_issues_open_by_keyboard_and_lead_to_the_card(ada: Page, live_server: LiveServer) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[("wait", {})])
    step = campaign.steps.get()
    ada.goto(f"{live_server.url}{campaign.get_absolute_url()}")

    ada.locator("#issues > button").press("Enter")
    ada.set_viewport_size({"width": 360, "height": 740})
    found = ada.locator("#issues a")
    found.wait_for()
    assert faults(ada) == []
    box = found.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    found.press("Enter")

    ada.wait_for_url("**/flow/#*step-*")
    assert ada.evaluate("document.querySelector(':target').closest('li').id") == f"step-{step.pk}"
