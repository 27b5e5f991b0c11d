"""The card of a filter in a real browser: values as chips, and fields that come with the operator."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from people.models import Person
from tests.axe import faults
from tests.campaigns import make
from tests.people import make as people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def campaign(page: Page, client: Client, live_server: Any) -> Campaign:
    """A campaign with City and Created At, its Smart List tab open, the card of City too."""
    client.force_login(make.user())
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])  # type: ignore[typeddict-item]
    for city in ("Chicago", "Boston", "Denver", "Paris"):
        people.person(first_name=city, city=city)
    made = make.campaign(filters=[("city", {}), ("created_at", {})])
    page.goto(live_server.url + reverse("campaigns:smart-list", args=[made.pk]))
    return made


def stored(campaign: Campaign) -> Any:
    return campaign.smart_list.filters.all()[0].config["value"]


def chips(page: Page) -> Any:
    return page.locator("#filters .chip > span")


def values(page: Page) -> Any:
    return page.locator("#filters").get_by_role("combobox", name="Value")


def test_values_are_entered_pasted_and_removed_by_keyboard(page: Page, campaign: Campaign) -> None:
    field, keys = values(page), page.keyboard
    field.focus()

    keys.type("Chicago")
    keys.press("Enter")
    expect(chips(page)).to_have_text(["Chicago"])
    expect(page.locator("#people-title")).to_have_text("Nobody yet: the smart list is not complete")
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    expect(field).to_be_focused()  # also after the card was drawn anew
    page.evaluate("navigator.clipboard.writeText('Acme, Inc.\\nDenver\\nchicago\\n')")
    keys.press("Control+v")
    expect(chips(page)).to_have_text(["Chicago", "Acme, Inc.", "Denver"])
    keys.type("Bos")
    keys.press("Tab")
    expect(chips(page)).to_have_text(["Chicago", "Acme, Inc.", "Denver", "Bos"])
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    field.focus()
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    keys.press("Backspace")
    expect(chips(page)).to_have_text(["Chicago", "Denver", "Bos"])
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    page.get_by_role("button", name="Remove Denver").click()
    expect(chips(page)).to_have_text(["Chicago", "Bos"])
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    page.reload()

    expect(page.locator("#filters > li").first).to_contain_text("City is Chicago or Bos")
    assert stored(campaign) == "Chicago\nBos\n"


def test_values_that_people_have_are_offered(page: Page, campaign: Campaign) -> None:
    values(page).focus()

    offered = page.locator("#filters .ts-dropdown").get_by_role("option")

    expect(offered).to_have_text(sorted(set(Person.objects.values_list("city", flat=True))))


def test_what_was_typed_is_kept_while_the_card_is_drawn_anew(
    page: Page, campaign: Campaign
) -> None:
    field = values(page)
    field.focus()
    page.keyboard.type("Chicago")
    page.keyboard.press("Enter")
    page.keyboard.type("Bost")  # the answer comes while this is being typed

    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    expect(chips(page)).to_have_text(["Chicago"])
    expect(field).to_have_value("Bost")
    page.keyboard.type("on")
    page.keyboard.press("Enter")

    expect(chips(page)).to_have_text(["Chicago", "Boston"])


def test_an_operator_brings_its_fields(page: Page, campaign: Campaign) -> None:
    card = page.locator("#filters > li[data-card]").nth(1)
    expect(card.get_by_label("Date", exact=True)).to_be_visible()

    card.get_by_label("Operator").select_option("in_past")
    expect(card.get_by_label("Duration")).to_be_visible()
    expect(card.get_by_label("Date", exact=True)).to_have_count(0)
    card.get_by_label("Duration").fill("4 hrs")
    expect(card.locator(".errorlist")).to_contain_text("Write a number and a unit")
    card.get_by_label("Duration").fill("3 weeks")
    card.get_by_label("Duration").press("Tab")

    expect(card).to_have_attribute("aria-label", "2. Created At in past 3 weeks")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(page: Page, campaign: Campaign, theme: Any, width: int) -> None:
    make.filter_(campaign.smart_list, ("was_sent_sms_message", {"at": "between", "day": "soon"}))
    make.filter_(campaign.smart_list, ("score", {"operator": "between", "value": "x", "to": "1"}))
    make.filter_(campaign.smart_list, ("state", {"operator": "is", "value": "IL\nOH\n"}))
    state = campaign.smart_list.filters.last()
    assert state is not None
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{page.url}?open=filter-{state.pk}")
    expect(chips(page)).to_have_text(["IL", "OH"])

    assert faults(page) == []
