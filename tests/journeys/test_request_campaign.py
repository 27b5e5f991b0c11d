"""One campaign sends its people into another, which texts them: from two empty canvases to the telephones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.axe import faults
from tests.journeys.site import Running
from tests.journeys.test_send_to_chicago import in_chicago_on_offers
from tests.journeys.walking import (
    choose,
    drag_from_palette,
    filter_by,
    new_campaign,
    open_tab,
    run_now,
    sign_in,
    sum_of_step,
    wait_until_finished,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_people_of_one_flow_are_texted_by_the_campaign_it_requests(
    page: Page, demo: Running
) -> None:
    before, expected = demo.last_event(), in_chicago_on_offers()

    sign_in(page, demo)
    activate_a_campaign_that_texts(page)
    new_campaign(page, "Sends them on")
    filter_by(page, "City", operator="is", value="Chicago")
    open_tab(page, "Flow")
    drag_from_palette(page, "Request Campaign", onto=page.locator("#steps"))
    choose(page, campaign="Texts whom it is sent")
    run_now(page)
    wait_until_finished(page)

    assert sum_of_step(page) == (130, {"done": 130})
    page.locator(".tree-name", has_text="Texts whom it is sent").click()
    open_tab(page, "Results")
    expect(page.locator("#run-title")).to_contain_text("Active: people enter as they come")
    sent = f"{len(expected)} sent"
    expect(page.locator(".sum-line").first).to_contain_text(sent, timeout=60_000)
    assert demo.texted(since=before) == dict.fromkeys(expected, 1)

    open_tab(page, "Schedule")
    page.locator("#deactivate").click()
    page.get_by_role("dialog").locator("button.btn-primary").click()
    expect(page.locator("#launch-title")).to_have_text("Inactive")


def activate_a_campaign_that_texts(page: Page) -> None:
    new_campaign(page, "Texts whom it is sent")
    drag_from_palette(page, "Campaign is Requested", onto=page.locator("#filters"))
    expect(page.locator("#draft")).to_contain_text("enters: no filter narrows it")
    assert faults(page) == []
    open_tab(page, "Flow")
    drag_from_palette(page, "Send SMS Message", onto=page.locator("#steps"))
    choose(page, message="Spring offer text", vibes_list="Offers")
    open_tab(page, "Schedule")
    expect(page.locator(".checks").first).to_contain_text("No filter narrows who enters")
    assert faults(page) == []
    page.locator("#activate").click()
    page.get_by_role("dialog").locator("button.btn-primary").click()
    expect(page.locator("#launch-title")).to_have_text("Active")
    assert faults(page) == []
