"""A run planned for a time starts by itself; one that was missed waits for somebody to decide."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.site import Running
from tests.journeys.walking import (
    branch,
    choose,
    drag_from_palette,
    filter_by,
    new_campaign,
    open_tab,
    sign_in,
    sum_of_step,
    wait_until_finished,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
DENVER = ZoneInfo("America/Denver")


def test_a_run_is_planned_cancelled_planned_again_and_starts_by_itself(
    page: Page, demo: Running
) -> None:
    before = demo.last_event()
    sign_in(page, demo)
    _texts_denver(page, "Planned for Denver")
    open_tab(page, "Schedule")

    _plan(page, datetime(2020, 1, 1, 9, 0, tzinfo=DENVER))
    expect(page.get_by_role("dialog")).to_contain_text("is past: it is")
    expect(page.get_by_role("dialog").get_by_label("Date")).to_have_value("2020-01-01")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()

    tomorrow = datetime.now(DENVER) + timedelta(days=1)
    _plan(page, tomorrow)
    expect(_slots(page)).to_contain_text("Runs version 1. Planned by demo.")
    expect(_slots(page)).to_contain_text("America/Denver")
    expect(branch(page, "Planned for Denver")).to_contain_text("scheduled")
    _slots(page).get_by_role("button", name=re.compile("Cancel this run")).click()
    expect(_slots(page)).to_contain_text("Cancelled · demo")

    _wait_for_time_enough()
    _plan(page, datetime.now(DENVER) + timedelta(minutes=1))
    expect(_slots(page)).to_contain_text("Planned by demo")
    _wait_for_its_run(page)
    wait_until_finished(page)

    entered, terms = sum_of_step(page)
    texted = demo.texted(since=before)
    assert entered == sum(terms.values()) > 0
    assert (len(texted), set(texted.values())) == (terms["sent"], {1})


def test_a_missed_run_is_on_every_page_until_somebody_decides(page: Page, demo: Running) -> None:
    before = demo.last_event()
    sign_in(page, demo)
    _texts_denver(page, "Missed in Denver")
    open_tab(page, "Schedule")
    _plan(page, datetime.now(DENVER) + timedelta(days=1))
    expect(_slots(page)).to_contain_text("Planned by demo")
    _let_it_be_missed(demo, "Missed in Denver")

    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.locator("#strips")).to_contain_text("“Missed in Denver” missed its run of")
    page.locator("#planned").get_by_role(
        "link", name=re.compile("Decide.*Missed in Denver")
    ).click()
    expect(branch(page, "Missed in Denver")).to_contain_text("missed its run")
    assert demo.texted(since=before) == {}

    _slots(page).get_by_role("link", name=re.compile("Run now…")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Run for")).click()
    expect(page.locator("nav.tabs [aria-current=page]")).to_have_text("Results")
    wait_until_finished(page)

    expect(page.locator("#strips")).not_to_contain_text("missed its run")
    assert set(demo.texted(since=before).values()) == {1}


def _texts_denver(page: Page, name: str) -> None:
    new_campaign(page, name)
    filter_by(page, "City", operator="is", value="Denver")
    open_tab(page, "Flow")
    drag_from_palette(page, "Send SMS Message", onto=page.locator("#steps"))
    choose(page, message="Spring offer text", vibes_list="Offers")


def _slots(page: Page) -> Locator:
    return page.locator("#slots")


def _plan(page: Page, at: datetime) -> None:
    """Run later… → date, time, zone → Plan this run."""
    page.locator("#run-later").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Date").fill(f"{at:%Y-%m-%d}")
    dialog.get_by_label("Time", exact=True).fill(f"{at:%H:%M}")
    dialog.locator(".ts-control").click()
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("Denver")
    dialog.get_by_role("option", name="America/Denver").click()
    dialog.get_by_role("button", name="Plan this run").click()


def _wait_for_time_enough() -> None:
    """Until so much of the minute is left that it can be planned for the next."""
    left = 60 - datetime.now(UTC).second
    if left < 20:
        time.sleep(left)


def _wait_for_its_run(page: Page) -> None:
    """Results shows nothing until there is a run."""
    ends = time.monotonic() + 90
    open_tab(page, "Results")
    while not page.locator("#run-title").count() and time.monotonic() < ends:
        time.sleep(2)
        page.reload()


def _let_it_be_missed(demo: Running, name: str) -> None:
    """As if nothing had run here for two hours over its time."""
    demo.manage(
        "shell",
        "-c",
        "from datetime import timedelta; from django.utils import timezone;"
        "from campaigns.models import Slot;"
        f"slot = Slot.objects.get(campaign__node__name={name!r});"
        "slot.scheduled_for = timezone.now() - timedelta(hours=2); slot.save();"
        "from campaigns import tasks; tasks.tick(); tasks.start_slot(slot_id=slot.pk)",
    )
