"""From no service at all to a member who joined and left by text, seen on a page nobody reloads."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.site import Running
from tests.journeys.walking import (
    choose,
    drag_from_palette,
    filter_by,
    new_campaign,
    open_tab,
    run_now,
    sign_in,
    wait_until_finished,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
NUMBER, SPOKEN = "+13125550142", "(312) 555-0142"
SOON = 20_000  # ms: a callback, a task and a look at the page lie between


def create_service(page: Page, site: Running) -> None:
    """With a wrong password first: the form says so at the field and has kept all the rest."""
    page.get_by_role("link", name="Go: Connect Vibes").click()
    page.get_by_label("Region").select_option("simulator")
    for label, value in {
        "Display Name": "Our Vibes",
        "Username": "demo",
        "Password": "wrong",
        "Company Key": "DEMO0001",
        "Address": site.site.sim_url,
        "Source Code": "65301",
    }.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Save and connect").click()

    expect(page.locator(".field.has-error")).to_contain_text("refuses this username and password")
    expect(page.get_by_label("Company Key", exact=True)).to_have_value("DEMO0001")
    page.get_by_label("Password", exact=True).fill("demo")
    page.get_by_role("button", name="Save and connect").click()
    expect(page.locator(".service")).to_contain_text("Connected")


def look_after_service(page: Page) -> None:
    """Its first sync ends by itself; then every button."""
    expect(page.locator(".service")).to_contain_text("Up to date: 2 lists", timeout=SOON)
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#toasts")).to_contain_text("the connection works")
    page.get_by_role("button", name="Test callbacks").click()
    expect(page.locator(".service")).to_contain_text("Vibes can reach us", timeout=SOON)
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator(".service")).to_contain_text("Up to date: 2 lists", timeout=SOON)
    expect(page.locator(".service")).to_contain_text("0 missing")


def add_person(page: Page) -> str:
    """Ana, by hand; returns the address of her page."""
    page.get_by_role("link", name="Database", exact=True).click()
    page.get_by_role("link", name="New person").click()
    page.get_by_label("First Name").fill("Ana")
    page.get_by_label("Mobile Phone Number").fill(SPOKEN)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Ana")).to_be_visible()
    return page.url


def invite(page: Page) -> None:
    new_campaign(page, "Join us")
    filter_by(page, "Mobile Phone Number", operator="is", value=NUMBER)
    open_tab(page, "Flow")
    drag_from_palette(page, "Subscribe to Vibes List", onto=page.locator("#steps"))
    choose(page, vibes_list="Offers", campaign="Offers by web")
    run_now(page)
    wait_until_finished(page)


def test_a_service_is_made_and_a_member_comes_and_goes_before_ones_eyes(
    page: Page, empty_site: Running
) -> None:
    sign_in(page, empty_site)
    create_service(page, empty_site)
    look_after_service(page)
    ana = add_person(page)
    invite(page)

    page.goto(f"{ana}may-we-text/")
    page.evaluate("window.sameAsBefore = true")
    panel = page.locator("#panels")
    expect(panel).to_contain_text("Asked to subscribe, has not answered yet", timeout=SOON)

    phone = page.context.new_page()
    phone.goto(f"{empty_site.handsets}?mdn={NUMBER.replace('+', '%2B')}")
    expect(phone.get_by_role("log")).to_contain_text("reply Y")
    phone.get_by_role("button", name="Y", exact=True).click()
    expect(phone.get_by_role("log")).to_contain_text("you are in!")

    page.bring_to_front()
    expect(panel).to_contain_text("May be texted now", timeout=SOON)

    phone.bring_to_front()
    phone.get_by_role("button", name="STOP", exact=True).click()
    page.bring_to_front()
    expect(panel).to_contain_text("Opted out of the list", timeout=SOON)
    assert page.evaluate("window.sameAsBefore")
    page.goto(f"{ana}log/")
    expect(page.locator("#timeline")).to_contain_text("Subscribed to Offers")
    assert empty_site.standing(NUMBER) == {"1234": "unsubscribed"}
