"""Vibes refuses our login in the middle of a run: it waits, every page says why, and it goes on."""

from __future__ import annotations

from collections.abc import Iterator

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
    sum_of_step,
    wait_until_finished,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SOON = 30_000  # ms


@pytest.fixture
def revoked_after_ten(demo: Running) -> Iterator[None]:
    """The eleventh text is answered with 401."""
    demo.fault("/events", when={"nth": 11}, action={"type": "status", "status": 401})
    yield
    demo.end_faults()


def test_a_service_that_is_revoked_pauses_the_run(
    page: Page, demo: Running, revoked_after_ten: None
) -> None:
    before = demo.last_event()
    sign_in(page, demo)
    new_campaign(page, "Revoked on the way")
    filter_by(page, "City", operator="is", value="Chicago")
    open_tab(page, "Flow")
    drag_from_palette(page, "Send SMS Message", onto=page.locator("#steps"))
    choose(page, message="Spring offer text", vibes_list="Offers")
    said = run_now(page)

    held = "Held: Vibes refuses our login"
    expect(page.locator("#live")).to_contain_text(held, timeout=SOON)
    some = len(demo.texted(since=before))

    expect(page.locator("#strips")).to_contain_text(held)
    expect(page.locator("#health")).to_contain_text("Vibes trouble")
    results = page.url
    page.locator("#strips").get_by_role("link", name="Look at the service").click()
    demo.end_faults()
    page.get_by_role("button", name="Try again now").click()
    expect(page.locator("#content")).to_contain_text("Connected")

    page.goto(results)
    wait_until_finished(page)
    texted = demo.texted(since=before)
    assert set(texted.values()) == {1}
    assert 0 < some < len(texted) == sum_of_step(page)[1]["sent"]
    assert f"{len(texted)} texts" in said
    expect(page.locator("#strips")).not_to_contain_text(held)
