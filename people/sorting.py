"""People sorted by any of their fields, page by page: each page starts where the last one ended.

By type: a number sorts as a number, a text without regard to case, and empty comes last in either
direction. A page is three short walks over an index at most: of those equal to where the last one
ended, of those beyond, and of those who have no value; so it costs the same at any depth where there
is an index (`Person.Meta`). One comparison of rows would do in one walk, but SQLite finds no place in an
index on an expression by that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.lookups import Exact, GreaterThan, LessThan

from people import sort_keys
from people.models import Person, PersonQuerySet
from people.paging import Page
from people.sort_keys import Key, Mark

SIZE = 50
LARGEST = 1 << 63  # beyond it a whole number is none for the database


@dataclass(frozen=True)
class Sort:
    """A name that may be sorted by, its key, and the direction; `str` is how an address says it."""

    name: str
    key: Key
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name

    @property
    def label(self) -> str:
        """What it is called on screen."""
        return sort_keys.label(self.name)


def read(text: str) -> Sort | None:
    """The sort that an address names, `city` or `-city`; None for what nobody can be sorted by."""
    name = text.removeprefix("-")
    key = sort_keys.key(name)
    return Sort(name, key, text.startswith("-")) if key else None


def page(
    people: PersonQuerySet,
    by: Sort,
    *,
    before: str = "",
    after: str = "",
    size: int = SIZE,
) -> Page[Person, str]:
    """The page beyond the mark `before`, or the one that leads to `after`; else the first.

    As in `paging.page`, `older` leads on and `newer` back. A mark that is none starts at the beginning.
    """
    back = _mark(by.key, after) if after else None
    mark = back or (_mark(by.key, before) if before else None)
    found = _walk(people, by, mark, backwards=back is not None, most=size + 1)
    has_more, shown = len(found) > size, found[:size]
    if back:
        shown.reverse()
    leads_on, leads_back = (True, has_more) if back else (has_more, mark is not None)
    return Page(
        shown,
        older=_text(by.key, shown[-1]) if shown and leads_on else None,
        newer=_text(by.key, shown[0]) if shown and leads_back else None,
    )


def _walk(
    people: PersonQuerySet, by: Sort, mark: Mark | None, *, backwards: bool, most: int
) -> list[Person]:
    found: list[Person] = []
    for stretch in _stretches(people, by, mark, backwards=backwards):
        if len(found) < most:
            found += stretch[: most - len(found)]
    return found


def _stretches(
    people: PersonQuerySet, by: Sort, mark: Mark | None, *, backwards: bool
) -> list[PersonQuerySet]:
    """What lies before us from the mark on: those with its value and those beyond it, then those
    without any; the other way round when we go backwards. Each is one walk over an index."""
    key, falls = by.key, by.descending != backwards
    if mark is None:
        return [_filled(people, key, falls=falls), _empty(people, key, None, falls=falls)]
    if mark.value is not None:
        near = [_equal(people, key, mark, falls=falls), _beyond(people, key, mark, falls=falls)]
        return near if backwards else [*near, _empty(people, key, None, falls=falls)]
    empty = _empty(people, key, mark, falls=falls)
    return [empty, _filled(people, key, falls=falls)] if backwards else [empty]


def _filled(people: PersonQuerySet, key: Key, *, falls: bool) -> PersonQuerySet:
    if key.filled is not None:
        people = people.filter(key.filled)
    return people.order_by(*([key.expression.desc(), "-pk"] if falls else [key.expression, "pk"]))


def _equal(people: PersonQuerySet, key: Key, mark: Mark, *, falls: bool) -> PersonQuerySet:
    return _after(people.filter(Exact(key.expression, key.compared(mark.value))), mark, falls=falls)


def _beyond(people: PersonQuerySet, key: Key, mark: Mark, *, falls: bool) -> PersonQuerySet:
    lookup = LessThan if falls else GreaterThan
    return _filled(
        people.filter(lookup(key.expression, key.compared(mark.value))), key, falls=falls
    )


def _empty(people: PersonQuerySet, key: Key, mark: Mark | None, *, falls: bool) -> PersonQuerySet:
    if key.empty is None:
        return people.none()
    people = people.filter(key.empty)
    return _after(people, mark, falls=falls) if mark else people.order_by("-pk" if falls else "pk")


def _after(people: PersonQuerySet, mark: Mark, *, falls: bool) -> PersonQuerySet:
    """Among equals, by id alone."""
    beyond = people.filter(pk__lt=mark.pk) if falls else people.filter(pk__gt=mark.pk)
    return beyond.order_by("-pk" if falls else "pk")


# --- Marks in an address --------------------------------------------------------------------------


def _text(key: Key, person: Person) -> str:
    """A mark as an address carries it: JSON, the value as text where JSON has no such type."""
    value, pk = key.mark(person)
    plain = value if value is None or isinstance(value, str | bool | int | float) else str(value)
    return json.dumps([plain, pk], ensure_ascii=False)


def _mark(key: Key, text: str) -> Mark | None:
    """The mark in an address; None for anything that is none."""
    try:
        value, pk = json.loads(text)
        if value is None:
            return Mark(None, _pk(pk)) if key.empty is not None else None
        read = key.kind.to_python(value)
        return Mark(read, _pk(pk)) if _is_usable(read) else None
    except (ValueError, TypeError, ArithmeticError, ValidationError, RecursionError):
        return None


def _pk(value: Any) -> int:
    if not isinstance(value, int) or abs(value) >= LARGEST:
        raise ValueError(value)
    return value


def _is_usable(value: Any) -> bool:
    """Whether a database takes it: no NUL, no number beyond its own, a moment with its zone."""
    match value:
        case str():
            return "\0" not in value and bool(value.encode() or True)  # raises for half a character
        case int() | float() | Decimal():
            return -LARGEST < value < LARGEST
        case datetime():
            return value.tzinfo is not None and bool(value.astimezone(UTC))
    return value is not None
