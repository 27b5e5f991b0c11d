"""Somebody notices a mistake while a run sends: pauses, looks, resumes, stops; then retries what failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.site import Running
from tests.journeys.walking import (
    choose,
    drag_from_palette,
    eventually,
    filter_by,
    new_campaign,
    open_tab,
    run_now,
    sign_in,
    sum_of_step,
    wait_until_finished,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SOON = 30_000  # ms
SLOW = 5  # texts a second


@pytest.fixture
def slow(demo: Running) -> Iterator[None]:
    """The service may be sent a few texts a second, so that there is time to press something."""
    rate = "from vibes.models import Account; Account.objects.update(events_per_second={})"
    demo.manage("shell", "-c", rate.format(SLOW))
    yield
    demo.manage("shell", "-c", rate.format(240))


def campaign(page: Page, name: str) -> None:
    """A campaign that texts everybody in Chicago."""
    new_campaign(page, name)
    filter_by(page, "City", operator="is", value="Chicago")
    open_tab(page, "Flow")
    drag_from_palette(page, "Send SMS Message", onto=page.locator("#steps"))
    choose(page, message="Spring offer text", vibes_list="Offers")


def press(page: Page, name: str) -> None:
    """By keyboard alone: the button of the run, then Enter."""
    button = page.locator(f"#{name}")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).to_be_visible()


def test_pauses_resumes_and_stops_a_run_by_keyboard(page: Page, demo: Running, slow: None) -> None:
    before = demo.last_event()
    sign_in(page, demo)
    campaign(page, "Taken in hand")
    run_now(page)
    eventually(lambda: demo.texted(since=before))

    press(page, "pause-run")
    page.keyboard.type("The price is wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#run-title")).to_contain_text("Paused", timeout=SOON)
    expect(page.locator("#pause-run")).to_be_focused()
    expect(page.locator(".record")).to_contain_text("The price is wrong")
    expect(page.locator(".outlook")).to_contain_text("In flight now 0", use_inner_text=True)
    gone = len(demo.texted(since=before))
    page.wait_for_timeout(3_000)
    assert len(demo.texted(since=before)) == gone > 0

    press(page, "pause-run")  # it says Resume… now
    page.get_by_role("button", name="Resume the run").press("Enter")
    expect(page.locator("#run-title")).to_contain_text("Running")
    eventually(lambda: len(demo.texted(since=before)) > gone)

    press(page, "stop-run")
    page.get_by_role("button", name="Stop the run").press("Enter")
    expect(page.locator("#run-title")).to_contain_text("Stopped")
    expect(page.locator(".record")).to_contain_text("were cancelled")
    entered, terms = eventually(lambda: _settled(page))
    texted = demo.texted(since=before)
    assert set(texted.values()) == {1}
    assert terms["sent"] == len(texted)
    assert sum(terms.values()) == entered


def _settled(page: Page) -> tuple[int, dict[str, int]] | None:
    """The sum once nothing is in flight any more."""
    found = sum_of_step(page)
    return None if "queued" in found[1] else found


@pytest.fixture
def two_refused(demo: Running) -> Iterator[None]:
    """The third and every further text up to the fourth is refused."""
    for nth in (3, 4):
        demo.fault("/events", when={"nth": nth}, action={"type": "status", "status": 422})
    yield
    demo.end_faults()


def test_retries_what_failed_in_a_run_of_its_own(
    page: Page, demo: Running, two_refused: None
) -> None:
    before = demo.last_event()
    sign_in(page, demo)
    campaign(page, "Some failed")
    run_now(page)
    wait_until_finished(page)
    entered, terms = sum_of_step(page)
    first, failed = page.url, terms["failed"]
    demo.end_faults()

    page.locator("#retry-run").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text(f"{failed} people", use_inner_text=True)
    expect(dialog).to_contain_text(f"{failed} texts now", use_inner_text=True)
    dialog.get_by_role("button", name=f"Retry for {failed} people").click()

    page.wait_for_url(lambda url: url != first)
    expect(page.locator("#live")).to_contain_text("for those who missed it")
    wait_until_finished(page)
    assert sum_of_step(page) == (failed, {"sent": failed})
    texted = demo.texted(since=before)
    assert set(texted.values()) == {1}
    assert len(texted) == terms["sent"] + failed

    page.goto(first)
    expect(page.locator("#live")).to_contain_text(f"Retried for {failed} people")
    assert sum_of_step(page) == (entered, terms)
