"""A large file in a browser, and kill -9 of the worker in the middle of it: nobody twice, nothing lost.

IMPORT_ROWS says how many rows; 200,000 are what the product promises.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from config.supervisor import Process
from tests.journeys.site import Running
from tests.journeys.walking import sign_in
from tests.people import mixed_rows

ROWS = int(os.environ.get("IMPORT_ROWS", "5000"))
PATIENCE = 120 + ROWS / 500  # seconds
pytestmark = [pytest.mark.browser, pytest.mark.crash, pytest.mark.timeout(2 * PATIENCE + 120)]
JOB = "SELECT state, position, rows FROM people_importjob"


def ask(site: Running, question: str) -> tuple[Any, ...]:
    with closing(sqlite3.connect(site.site.var / "ringdove.sqlite3", timeout=20)) as database:
        return tuple(database.execute(question).fetchone())


def worker(site: Running) -> Process:
    return next(each for each in site.supervisor.processes if each.program.name == "worker")


def wait_until_taken(site: Running, rows: int) -> None:
    end = monotonic() + PATIENCE
    while ask(site, JOB)[1] < rows and monotonic() < end:
        sleep(0.01)


def upload_and_check(page: Page, file: Path) -> None:
    page.get_by_role("link", name="Database", exact=True).click()
    page.get_by_role("link", name="Imports", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Look through the whole file").click()
    expect(page.locator("#start-import")).to_be_visible(timeout=PATIENCE * 1_000)


def test_a_worker_killed_in_the_middle_costs_nothing(
    page: Page, empty_site: Running, tmp_path: Path
) -> None:
    file = mixed_rows.write(tmp_path / "people.csv", ROWS)
    of_ten = ROWS // 10
    new, updated = mixed_rows.NEW * of_ten, mixed_rows.UPDATED * of_ten
    rejected = mixed_rows.REJECTED * of_ten
    sums = f"{ROWS:,} rows = {new:,} new + {updated:,} updated + {rejected:,} rejected"

    sign_in(page, empty_site)
    began = monotonic()
    upload_and_check(page, file)
    checked = monotonic()
    expect(page.locator("#progress .sum-line")).to_have_text(sums, use_inner_text=True)
    assert ask(empty_site, "SELECT count(*) FROM people_person") == (0,)

    page.locator("#start-import").click()
    wait_until_taken(empty_site, ROWS // 3)
    worker(empty_site).kill()
    state, position, _rows = ask(empty_site, JOB)
    assert (state, 0 < position < ROWS) == ("running", True)
    page.goto(empty_site.url)  # it goes on without anybody looking
    killed = monotonic()
    worker(empty_site).start()
    page.go_back()

    expect(page.locator("#undo-import")).to_be_visible(timeout=PATIENCE * 1_000)
    print(  # noqa: T201
        f"{ROWS:,} rows: looked through in {checked - began:.1f} s, taken in"
        f" {monotonic() - checked:.1f} s, {monotonic() - killed:.1f} s of them after the kill"
    )
    expect(page.locator("#progress .sum-line")).to_have_text(sums, use_inner_text=True)
    assert judged(empty_site) == (new, new, new, updated, rejected)
    assert rejects_taken(page) == rejected


def judged(site: Running) -> tuple[Any, ...]:
    """People, addresses, lines of history for new ones, and for changed ones; rejects."""
    return (
        *ask(site, "SELECT count(*), count(DISTINCT lower(email)) FROM people_person"),
        *ask(site, "SELECT count(*) FROM people_activity WHERE kind = 'new_person'"),
        *ask(site, "SELECT count(*) FROM people_activity WHERE kind = 'change_data_value'"),
        *ask(site, "SELECT count(DISTINCT number) FROM people_importreject"),
    )


def rejects_taken(page: Page) -> int:
    """The rows of the reject file, each with its reason."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download to mend").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert lines[0].endswith(",Row,Reason")
    assert all(re.search(r",\d+,.+", line) for line in lines[1:])
    return len(lines) - 1
