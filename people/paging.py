"""Long lists page by keyset: a page starts where the last one ended, at one price at any depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import connection
from django.db.models import Max, Model, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

Row = TypeVar("Row", bound=Model)
Leads = TypeVar("Leads", int, str)
COUNTED = 10_000


@dataclass(frozen=True)
class Page(Generic[Row, Leads]):
    """Rows, newest first; `older` and `newer` are the keys to go on with, None at the end.

    Sorted by something else (`people.sorting`), they lead on and back, and are marks.
    """

    rows: list[Row]
    older: Leads | None
    newer: Leads | None


def page(
    rows: QuerySet[Row], *, before: int | None, after: int | None, size: int = 50
) -> Page[Row, int]:
    """The page of `rows` by falling primary key, below `before` or above `after`: one query."""
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])[::-1]
        more_newer, more_older = len(found) > size, True
        shown = found[-size:]
    else:
        below = rows if before is None else rows.filter(pk__lt=before)
        found = list(below.order_by("-pk")[: size + 1])
        more_newer, more_older = before is not None, len(found) > size
        shown = found[:size]
    return Page(
        shown,
        older=shown[-1].pk if shown and more_older else None,
        newer=shown[0].pk if shown and more_newer else None,
    )


def number(text: str) -> int | None:
    """A key from the address of a page; None for anything that is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def count_in_words(rows: QuerySet[Row], *, whole: bool = False) -> str:
    """How many: exact to 10,000, then “about” for a `whole` table, “more than” for a part."""
    counted = rows.order_by()[: COUNTED + 1].count()
    if counted <= COUNTED:
        return number_format(counted, force_grouping=True)
    if not whole:
        return _("more than %s") % number_format(COUNTED, force_grouping=True)
    return _("about %s") % number_format(_rounded(_estimate(rows)), force_grouping=True)


def _estimate(rows: QuerySet[Row]) -> int:
    if connection.vendor != "postgresql":
        last: int | None = rows.aggregate(last=Max("pk"))["last"]
        return last or 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass",
            [rows.model._meta.db_table],
        )
        count: int = cursor.fetchone()[0]
    return max(count, COUNTED)


def _rounded(count: int) -> int:
    step: int = 10 ** max(len(str(count)) - 2, 0)
    return round(count / step) * step
