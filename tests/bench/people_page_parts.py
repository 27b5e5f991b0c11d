"""The parts of the people_page bench: a million people of all kinds, and pages of them by the clock."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils.http import urlencode

from people import bulk, defining, sort_keys, sorting
from people.models import ColumnView, Person
from tests.bench.cost import measured
from tests.people.make import NOON

Figures = dict[str, float]
SLICE = 20_000
INDEXED = [
    *("full_name", "email", "mobile_typed", "company", "city", "state"),
    *("score", "created_at", "updated_at", "id"),
]
BESIDE = {"by job title": "?sort=job_title", "by own number": "?sort=custom__size"}
BESIDE |= {
    "search common": "?q=ana",
    "search rare": "?q=zzyzx",
    "search, sorted": "?q=ana&sort=city",
}
FIRSTS = ["Ana", "Ben", "Cleo", "Dan", "Eve", "Zoë", "émile", "", "Finn", "Gus"]
CITIES = ["Chicago", "boston", "Austin", "", "", "Oslo", "São Paulo", "Rome", "", "Lima"]
STATES = ["IL", "MA", "TX", "", "", "", "NY"]


def fill(number: int) -> float:
    """So many people, a tenth of them deleted, as many without a name or a number; and one view."""
    defining.define("Size", "integer", by=None, now=NOON)
    began, dice = time.perf_counter(), random.Random(1)
    for start in range(0, number, SLICE):
        bulk.insert_rows(Person, _columns(range(start, min(number, start + SLICE)), dice))
    _look_over()
    return round(time.perf_counter() - began, 1)


def _columns(numbers: range, dice: random.Random) -> dict[str, list[Any]]:
    rows = [_row(number, dice) for number in numbers]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _row(number: int, dice: random.Random) -> dict[str, Any]:
    has_number = dice.random() < 0.9
    return {
        "first_name": dice.choice(FIRSTS),
        "last_name": f"Bell{dice.randrange(50_000)}" if dice.random() < 0.9 else "",
        "email": f"Person{number}@example.com" if dice.random() < 0.8 else "",
        "mobile": f"+1312{number:07d}" if has_number else "",
        "mobile_typed": f"312{number:07d}" if has_number else "",
        "company": f"Company {dice.randrange(2_000)}" if dice.random() < 0.6 else "",
        "job_title": f"Job {dice.randrange(300)}" if dice.random() < 0.5 else "",
        "city": dice.choice(CITIES),
        "state": dice.choice(STATES),
        "score": dice.choice([0, 0, 0, 0, dice.randrange(100)]),
        "custom": {"size": dice.randrange(50)} if dice.random() < 0.5 else {},
        "created_at": NOON + timedelta(seconds=number),
        "updated_at": NOON + timedelta(seconds=dice.randrange(1_000_000)),
        "deleted_at": NOON if dice.random() < 0.1 else None,
    }


def _look_over() -> None:
    """What a database that has been running for a while has done by itself."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM people_person")


def measure(number: int, times: int) -> Figures:
    """p95 of first pages and of deep ones, of all indexed columns the worst; others beside.

    Since others may be busy too, the processor time of a page (ours and the database's) stands beside.
    """
    browser, figures = _browser(), Figures()
    firsts, ratios = list[float](), list[float]()
    for name, query, deep in _queries(number):
        with measured() as cost:
            first, far = _clock(browser, query, times), _clock(browser, deep, times)
        figures[f"{name} processor_ms"] = round(cost.processor * 500 / (times + 1), 1)
        figures[f"{name} p95_ms"], figures[f"{name} deep p95_ms"] = first[1], far[1]
        firsts += [first[1], far[1]]
        ratios.append(round(far[0] / first[0], 2))
        figures[f"{name} deep_to_first"] = ratios[-1]
    for name, query in BESIDE.items():
        figures[f"{name} ms"] = _clock(browser, query, 5)[0]
    return figures | {"p95_ms": max(firsts), "deep_to_first": max(ratios)}


def _browser() -> Client:
    """Somebody whose default view has a dozen columns."""
    user, browser = User.objects.create_user("ada"), Client(SERVER_NAME="localhost")
    shown = [*INDEXED, "custom__size", "flags"]
    ColumnView.objects.create(user=user, name="Mine", columns=shown, is_default=True)
    browser.force_login(user)
    return browser


def _queries(number: int) -> Iterator[tuple[str, str, str]]:
    """Name, the first page and the one after nine tenths of all people."""
    deep = number * 9 // 10 * 9 // 10
    newest = Person.objects.present().order_by("-pk").values_list("pk", flat=True)
    yield "newest", "", "?" + urlencode({"before": newest[deep]})
    for name in INDEXED:
        for sort in (name, f"-{name}"):
            mark = json.dumps(_mark(sort, deep))
            yield sort, f"?sort={sort}", "?" + urlencode({"sort": sort, "before": mark})


def _mark(sort: str, deep: int) -> list[Any]:
    """The mark of the person so far on; found the slow way."""
    by = sorting.read(sort)
    key = sort_keys.key(sort.removeprefix("-"))
    assert by
    assert key
    left = deep
    for stretch in sorting._stretches(Person.objects.present(), by, None, backwards=False):
        if found := stretch[left : left + 1]:
            return json.loads(sorting._text(key, found[0]))  # type: ignore[no-any-return]
        left -= stretch.count()
    raise LookupError(sort)


def _clock(browser: Client, query: str, times: int) -> tuple[float, float]:
    """Median and p95 in milliseconds, once it has been asked for before."""
    took = []
    for turn in range(times + 1):
        began = time.perf_counter()
        response = browser.get(f"/database/{query}", headers={"HX-Request": "true"})
        assert response.status_code == 200, response.status_code
        assert turn or response.content.count(b"<tr") > 40 or "q=" in query, query
        took.append((time.perf_counter() - began) * 1000)
    took = sorted(took[1:])
    return round(statistics.median(took), 1), round(took[max(0, -(-len(took) * 95 // 100) - 1)], 1)
