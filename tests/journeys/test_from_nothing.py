"""An installation just made: connect Vibes, import 2,000 rows, write a text, send it to all."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.site import Running
from tests.journeys.walking import (
    choose,
    drag_from_palette,
    filter_by,
    new_campaign,
    new_message,
    open_tab,
    run_now,
    sign_in,
    sum_of_step,
    wait_until_finished,
)
from tests.people import many_numbers

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
MEMBERS = many_numbers.numbers()[:800]


def connect(page: Page, site: Running) -> None:
    """From Home's list of what is left to do to a service that answers."""
    page.get_by_role("link", name="Go: Connect Vibes").click()
    for field, value in {
        "name": "Vibes",
        "username": "demo",
        "password": "demo",
        "company_key": "DEMO0001",
        "base_url": site.site.sim_url,
        "source_code": "65301",
    }.items():
        page.locator(f"[name={field}]").fill(value)
    page.locator("[name=region]").select_option("simulator")
    page.get_by_role("button", name="Save and connect").click()
    expect(page.locator("#content")).to_contain_text("Connected")


def import_people(page: Page, file: Path) -> None:
    """Upload, look at the preview, import, and wait for the end."""
    page.get_by_role("link", name="Database", exact=True).click()
    page.get_by_role("link", name="Imports", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#preview")).to_contain_text("as they would be taken")
    page.get_by_role("button", name="Look through the whole file").click()
    page.get_by_role("button", name="Start", exact=True).click(timeout=60_000)
    expect(page.get_by_role("link", name="Show people")).to_be_visible(timeout=60_000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(many_numbers.content())
    return path


def test_2000_rows_come_in_and_800_members_get_one_text_each(
    page: Page, empty_site: Running, file: Path
) -> None:
    people = sum(each.taken for each in many_numbers.rows())
    rows = sum(any(each.cells) for each in many_numbers.rows())  # blank lines are none
    rejected = rows - people

    sign_in(page, empty_site)
    connect(page, empty_site)
    import_people(page, file)

    expect(page.locator("#progress .sum-line")).to_have_text(
        f"{rows:,} rows = {people:,} new + 0 updated + {rejected} rejected", use_inner_text=True
    )
    expect(page.get_by_role("group", name="Rejected rows").locator("tbody tr")).to_have_count(50)

    empty_site.controls.put(
        "world",
        {
            "memberships": [
                {"mdn": each, "list_id": "1234", "state": "subscribed"} for each in MEMBERS
            ]
        },
    )
    new_message(
        page, "Hello", "Hi {{person.First Name:default=you}}, here we are. STOP to opt out."
    )
    new_campaign(page, "To everybody")
    filter_by(page, "Email Address", operator="contains", value="@")
    open_tab(page, "Flow")
    drag_from_palette(page, "Send SMS Message", onto=page.locator("#steps"))
    choose(page, message="Hello", vibes_list="Offers")
    run_now(page, typed=str(people))
    wait_until_finished(page, seconds=240)

    assert empty_site.texted(since=0) == dict.fromkeys(MEMBERS, 1)
    assert sum_of_step(page) == (people, {"sent": 800, "skipped": people - 800})
