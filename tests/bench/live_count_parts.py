"""The parts of the live_count bench: many people, and the count asked for through the view."""

from __future__ import annotations

import re
from datetime import timedelta
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from people import bulk
from people.models import Person
from tests.campaigns import make
from tests.campaigns.make import NOON, Settings

SLICE = 20_000
STATES = ["IL", "IN", "CA", "NY", "TX", "CO", "WA", "FL"]
CITIES = ["Chicago", "Denver", "Austin", "Boston", "New York", "Évry"]


def measure(people: int, times: int) -> dict[str, Any]:
    """Seconds of the middle and the 95th of a hundred answers, and what the page said."""
    _fill(people)
    figures: dict[str, Any] = {"people": people, "database": connection.vendor}
    for name, filters in _lists().items():
        figures |= _ask(name, filters, times)
    return figures


def _lists() -> dict[str, list[Settings]]:
    score: Settings = ("score", {"operator": "at_least", "value": "50"})
    return {
        "two_filters": [make.in_state("IL"), score],
        "contains": [
            ("city", {"operator": "contains", "value": "cag"}),
            ("last_name", {"operator": "not_contains", "value": "7"}),
        ],
    }


def _fill(people: int) -> None:
    for start in range(0, people, SLICE):
        places = range(start, min(people, start + SLICE))
        bulk.insert_rows(
            Person,
            {
                "first_name": [f"First {at % 997}" for at in places],
                "last_name": [f"Last {at * 7_919 % 99_991}" for at in places],
                "email": [f"person{at}@example.com" for at in places],
                "city": [CITIES[at % len(CITIES)] for at in places],
                "state": [STATES[at * 31 % len(STATES)] for at in places],
                "score": [at * 37 % 101 for at in places],
                "created_at": [NOON - timedelta(seconds=at) for at in places],
            },
            same={"updated_at": NOON},
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _ask(name: str, filters: list[Settings], times: int) -> dict[str, Any]:
    named = make.named_list(name, *filters)
    client = Client(headers={"host": "localhost", "hx-request": "true"})
    client.force_login(make.user())
    address = reverse("campaigns:count-named-list", args=[named.pk])
    took, said = [], ""
    for _time in range(times + 1):  # the first one fills caches
        began = perf_counter()
        said = client.get(address).content.decode()
        took.append(perf_counter() - began)
    ordered = sorted(took[1:])
    return {
        f"{name}_p50": round(ordered[len(ordered) // 2], 3),
        f"{name}_p95": round(ordered[int(len(ordered) * 0.95) - 1], 3),
        f"{name}_says": " · ".join(_figures(said)),
    }


def _figures(html: str) -> list[str]:
    total = re.findall(r'id="people-title"[^>]*>\s*([^<]*?)\s*</h2>', html)
    return [*total, *re.findall(r'class="count-badge"[^>]*>([^<]*)<', html)]
