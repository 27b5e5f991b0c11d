"""`make bench NAME=smart_lists`: how long a smart list counts among a million people, and a rule is read.

Each list is counted as the Smart List tab counts: alone, and with each of its filters beside it, in one
statement. SQLite unless `--database postgres://…`. Nothing is asserted: the figures are for people.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
STATE = ("state", {"operator": "is", "value": ["Illinois"]})
SCORE = ("score", {"operator": "at_least", "value": 50})
LATELY = {"at": "in_past", "duration": "30 days"}
SENT = ("was_sent_sms_message", {"operator": "yes", **LATELY})
TWICE = ("was_sent_sms_message", {"operator": "yes", "times": 2, **LATELY})
LISTS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "state, score": [STATE, SCORE],
    "state, was sent": [STATE, SENT],
    "state, not was sent": [STATE, ("not_was_sent_sms_message", LATELY)],
    "state, was sent twice": [STATE, TWICE],
    "state among 1,000": [("state", {"operator": "is", "value": [f"s{n}" for n in range(1_000)]})],
    "name contains": [("last_name", {"operator": "contains", "value": ["son 99"]}), SCORE],
    "custom number, score": [("custom_{field}", {"operator": "at_least", "value": 900}), SCORE],
    "shared number, score": [("shared_number", {"value": "true"}), SCORE],
    "duplicate e-mail": [("duplicate_fields", {"field": "email"})],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--activities", type=int, default=2_000_000)
    parser.add_argument("--database", default="", help="postgres://… of a server to try it on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = options.database or f"sqlite:///{folder}/bench.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        import django

        django.setup()
        print(json.dumps(_measured(options.people, options.activities), indent=1))
    return 0


def _measured(people: int, activities: int) -> dict[str, Any]:
    from django.db import connection

    from tests.bench.database import thrown_away

    found: dict[str, Any] = {"database": connection.vendor, "people": people}
    with thrown_away():
        field = _fill(people, activities)
        for name, filters in LISTS.items():
            named = [(kind.format(field=field), config) for kind, config in filters]
            found[name] = _counted(named)
            print(name, found[name], file=sys.stderr, flush=True)
    return found | {"a rule of 2,000 characters, ms": _read()}


def _fill(people: int, activities: int) -> int:
    """People in fifty states, most with a number, one in twenty with somebody else's; texts for half of them."""
    from django.db import connection

    from people import defining
    from people.models import Person
    from tests.campaigns import make

    make.vibes_list()
    field = defining.define("Points", "integer", by=None, now=NOW).pk
    is_pg = connection.vendor == "postgresql"
    values = {each.column: "''" for each in Person._meta.concrete_fields if not each.primary_key}
    values |= {each.column: "NULL" for each in Person._meta.concrete_fields if each.null}
    no = "FALSE" if is_pg else "0"
    values |= {
        each.column: no
        for each in Person._meta.concrete_fields
        if each.get_internal_type() == "BooleanField"
    }
    points = (
        "jsonb_build_object('points', n % 1000)" if is_pg else "json_object('points', n % 1000)"
    )
    moment = "TIMESTAMPTZ '2026-05-01'" if is_pg else "'2026-05-01 00:00:00'"
    values |= {
        "state": "CASE n % 50 WHEN 0 THEN 'Illinois' ELSE 'State ' || (n % 50) END",
        "first_name": "'First ' || (n % 997)",
        "last_name": "'Person ' || (n % 100003)",
        "email": "'p' || n || '@example.com'",
        "mobile": "CASE WHEN n % 10 = 0 THEN '' ELSE '+1312' || (1000000 + n - (n % 20) / 19) END",
        "score": "n % 100",
        "custom": points,
        "created_at": moment,
        "updated_at": moment,
    }
    _insert("people_person", values, people, is_pg)
    at = "TIMESTAMPTZ '2026-06-01' - (n % 90) * INTERVAL '1 day'"
    happened = {
        "person_id": f"1 + (n * CAST(7919 AS bigint)) % {people}",
        "kind": "CASE n / 1000 % 4 WHEN 0 THEN 'send_sms' WHEN 1 THEN 'sms_delivered' ELSE 'new_person' END",
        "happened_at": at if is_pg else "datetime('2026-06-01', '-' || (n % 90) || ' days')",
        "details": "'{}'::jsonb" if is_pg else "'{}'",
    }
    _insert("people_activity", happened, activities, is_pg)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return field


def _insert(table: str, values: Mapping[Any, str], count: int, is_pg: bool) -> None:
    from django.db import connection

    numbers = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count})"
    series = f"generate_series(1, {count}) AS n" if is_pg else "s"
    names = ", ".join(f'"{each}"' for each in values)
    chosen = f"SELECT {', '.join(values.values())} FROM {series}"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {'' if is_pg else numbers} {chosen}")


def _counted(filters: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    from campaigns import audience
    from campaigns.content import FilterSpec, ListSpec

    specs = tuple(FilterSpec(kind, config) for kind, config in filters)
    each = {
        f"filter_{place}": audience.condition(ListSpec(filters=(spec,)), now=NOW)
        for place, spec in enumerate(specs)
    }
    whole = ListSpec(filters=specs)
    people = audience.people(whole, now=NOW)
    together = each | {"whole": audience.condition(whole, now=NOW)}
    return {
        "found": people.count(),
        "alone, s": _seconds(people.count),
        "with each filter, s": _seconds(lambda: audience.counts(together)),
        "by one processor, s": [_work(people.count), _work(lambda: audience.counts(together))],
    }


def _work(act: Callable[[], object]) -> float:
    """What it takes one processor, whatever else the machine does."""
    from django.db import connection

    from tests.bench.cost import measured

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
    with measured() as cost:
        act()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET max_parallel_workers_per_gather")
    return round(cost.processor, 2)


def _seconds(act: Callable[[], object]) -> float:
    def once() -> float:
        began = time.perf_counter()
        act()
        return time.perf_counter() - began

    return round(statistics.median(once() for _ in range(3)), 3)


def _read() -> float:
    """The slowest of some long rules, good and bad."""
    from django.db.models import Q

    from campaigns import logic

    conditions = [Q(pk=number) for number in range(1, 4)]
    long = [
        " and ".join("123" * 200),
        "(" * 2_000,
        "1 " * 1_000,
        "x" * 2_000,
        "((1 or 2) and 3) or " * 100,
    ]

    def timed(rule: str) -> float:
        began = time.process_time()
        with contextlib.suppress(logic.LogicError):
            logic.join(rule[:2_000], conditions)
        return time.process_time() - began

    return round(max(statistics.median(timed(rule) for _ in range(20)) for rule in long) * 1_000, 3)


if __name__ == "__main__":
    sys.exit(main())
