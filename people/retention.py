"""Old history goes by the month: on PostgreSQL a table is dropped, on SQLite its lines are deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.db.models.functions import TruncMonth

from people.models import Activity
from people.partitions import LOG

SLICE = 10_000


@dataclass(frozen=True)
class Month:
    """A month of history: its first day, how many lines, and the bytes they take (0: not known)."""

    name: str
    lines: int
    bytes: int = 0


def months_before(first: datetime) -> list[Month]:
    """The whole months before this one (the first moment of it), oldest first; nothing is changed."""
    if connection.vendor != "postgresql":
        return _months(Activity.objects.filter(happened_at__lt=first))
    found = [_partition(table) for table in _tables(first)]
    return sorted([*found, *_months(_early(first))], key=lambda each: each.name)


def drop_before(first: datetime) -> list[Month]:
    """Drop these months for good and say what they were. Interrupted, it may be done again."""
    gone = months_before(first)
    for table in _tables(first) if connection.vendor == "postgresql" else []:
        _drop(table)
    rest = Activity.objects.filter(happened_at__lt=first).order_by()
    while ids := list(rest.values_list("pk", flat=True)[:SLICE]):
        rest.filter(pk__among=ids).delete()
    return gone


def _months(lines: Any) -> list[Month]:
    by_month = (
        lines.order_by().annotate(month=TruncMonth("happened_at", tzinfo=UTC)).values_list("month")
    )
    counted = by_month.annotate(count=Count("pk")).order_by("month")
    return [Month(f"{month:%Y-%m}", count) for month, count in counted]


def _early(first: datetime) -> Any:
    """Lines that came before there was a table for their month."""
    named = [f"'{table}'::regclass" for table in _tables(first)] or ["0"]
    known = f"tableoid NOT IN ({', '.join(named)})"
    return Activity.objects.filter(happened_at__lt=first).extra(where=[known])  # noqa: S610  # our names


def _tables(first: datetime) -> list[str]:
    """The tables of whole months before this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass",
            [LOG],
        )
        names = [name for (name,) in cursor.fetchall()]
    limit = f"{LOG}_{first:%Y_%m}"
    return sorted(name for name in names if name < limit and name.removeprefix(f"{LOG}_")[0] == "2")


def _partition(table: str) -> Month:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), pg_total_relation_size('{table}'::regclass) FROM {table}"  # noqa: S608
        )
        lines, size = cursor.fetchone()
    return Month(table.removeprefix(f"{LOG}_").replace("_", "-"), lines, size)


@transaction.atomic
def _drop(table: str) -> None:
    """Rather fail and be started again than hold up everybody who writes history."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOG])
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
