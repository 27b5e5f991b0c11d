"""People sorted by anything: empty last, the same people on every way through the pages."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from people import defining, fields, grid, sort_keys, sorting
from people.field_types import TYPES, Compares
from people.models import Person
from people.paging import Page
from tests.people import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 17, 0, 0, 123456, tzinfo=UTC)
WORDS = ["", "", "Ana", "ana", "Zoe", "zoë", "O'Neil", "100 %", "a_b", "Bell", "bell", '"', "\\"]
CHOICES: dict[Compares, list[Any]] = {
    Compares.TEXT: WORDS,
    Compares.NUMBER: [None, None, 0, -7, 9, 10, 100, 12],
    Compares.TRUTH: [True, False],
    Compares.DATE: [None, None, date(1999, 12, 31), date(2000, 1, 1), date(2026, 2, 28)],
    Compares.MOMENT: [None, NOW.replace(microsecond=0), datetime(1999, 1, 1, tzinfo=UTC)],
}
STANDARD = [name for name, each in fields.STANDARD.items()]


def some_people(number: int = 23) -> None:
    """With every field filled in at random, and every type of custom field."""
    dice = random.Random(7)
    own = [fields.of_custom(defining.define(f"A {word}", word, by=None, now=NOW)) for word in TYPES]
    for place in range(number):
        person = Person(created_at=NOW + timedelta(microseconds=place % 3), updated_at=NOW)
        for field in [*fields.STANDARD.values(), *own]:
            field.put(person, _value(dice, field))
        person.set_mobile(dice.choice(["", "call me", "312-555-0142", "312-555-0199"]))
        person.save()


def _value(dice: random.Random, field: fields.Field) -> Any:
    value = dice.choice(CHOICES[field.type.compares])
    if field.name == "score" and value is None:
        return 0
    return Decimal(value) if value is not None and field.type.word == "currency" else value


def walk(by: str, size: int = 4) -> tuple[list[Person], list[Person]]:
    """Everybody from the first page to the last, and on the way back."""
    sort = sorting.read(by)
    assert sort
    people, there = Person.objects.present(), list[Page[Person, str]]()
    page = sorting.page(people, sort, size=size)
    there.append(page)
    while page.older:
        page = sorting.page(people, sort, before=page.older, size=size)
        there.append(page)
    back = list(page.rows)
    while page.newer:
        page = sorting.page(people, sort, after=page.newer, size=size)
        back = [*page.rows, *back]
    assert there[0].newer is None
    return [each for one in there for each in one.rows], back


@pytest.mark.parametrize("direction", ["", "-"])
def test_everybody_comes_once_in_order_there_and_back(direction: str) -> None:
    some_people()
    names = [name for name, each in grid.columns().items() if each.is_sortable]
    assert {*STANDARD, "full_name", "created_at", "updated_at", "id"} < set(names)

    for name in names:
        there, back = walk(direction + name)

        assert [each.pk for each in there] == [each.pk for each in back], name
        assert sorted(each.pk for each in there) == sorted(_all()), name
        _assert_in_order(name, there, falls=bool(direction))


def _all() -> list[int]:
    return list(Person.objects.values_list("pk", flat=True))


def _assert_in_order(name: str, people: list[Person], *, falls: bool) -> None:
    """Empty ones last; numbers, dates and moments by their value; among equals by id."""
    key = sort_keys.key(name)
    assert key
    values = [key.mark(each) for each in people]
    filled = [each for each in values if each.value is not None]
    empty = [each.pk for each in values if each.value is None]
    assert values[len(filled) :] == [(None, pk) for pk in empty], name
    assert empty == sorted(empty, reverse=falls), name
    if not any(isinstance(each.value, str) for each in filled):
        assert filled == sorted(filled, reverse=falls), name


def test_a_number_sorts_as_a_number_and_a_text_without_regard_to_case() -> None:
    size = fields.of_custom(defining.define("Size", "integer", by=None, now=NOW))
    for value, city in [(9, "boston"), (100, "Austin"), (None, ""), (-3, "Chicago")]:
        person = make.person(city=city)
        size.put(person, value)
        person.save()

    there, _ = walk(size.name)
    falling, _ = walk(f"-{size.name}")
    cities, _ = walk("city")

    assert [size.value(each) for each in there] == [-3, 9, 100, None]
    assert [size.value(each) for each in falling] == [100, 9, -3, None]
    assert [each.city for each in cities] == ["Austin", "boston", "Chicago", ""]


def test_names_sort_by_family_name() -> None:
    for first, last in [("Zoe", "Bell"), ("Ana", "Zapata"), ("Ben", "Bell"), ("Cleo", "")]:
        make.person(first_name=first, last_name=last)

    there, _ = walk("full_name")

    assert [each.first_name for each in there] == ["Ben", "Zoe", "Cleo", "Ana"]


@pytest.mark.parametrize(
    "name", ["", "flags", "custom", "deleted_at", "custom__nothing", "pk", "--id"]
)
def test_nobody_is_sorted_by_what_is_no_column(name: str) -> None:
    assert sorting.read(name) is None


@pytest.mark.parametrize(
    "mark",
    [
        *(
            "x",
            "[]",
            "{}",
            "[1,2,3]",
            '["a\\u0000",1]',
            '["\\ud800",1]',
            '["a",1e400]',
            "[null,null]",
        ),
        *('["a",99999999999999999999]', "[" * 5000, "[NaN,1]", "[1e400,1]", '["2026-06-01",1]'),
        *('["0001-01-01T00:00:00+23:00",1]', '["9999-12-31T23:00:00-23:00",2]', '["NaN",1]'),
        "[" + "9" * 5000 + ",1]",
    ],
)
@pytest.mark.parametrize(
    "by", ["city", "score", "annual_revenue", "created_at", "date_of_birth", "id"]
)
def test_a_mark_that_is_none_never_breaks_a_page(by: str, mark: str) -> None:
    make.person(city="Chicago")
    sort = sorting.read(by)
    assert sort

    for page in (
        sorting.page(Person.objects.all(), sort, before=mark),
        sorting.page(Person.objects.all(), sort, after=mark),
    ):
        assert len(page.rows) <= 1


def test_a_page_costs_three_queries_however_many_people(
    django_assert_max_num_queries: Any,
) -> None:
    make.people(40, city="Chicago")
    sort = sorting.read("city")
    assert sort

    first = sorting.page(Person.objects.present(), sort, size=20)
    with django_assert_max_num_queries(3):
        sorting.page(Person.objects.present(), sort, before=first.older or "", size=50)


# These have an index of their own, by which a page at any depth is found.
INDEXED = ["full_name", "email", "mobile_typed", "company", "city", "state", "score", "created_at"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a small table through")
@pytest.mark.parametrize("name", [*INDEXED, "updated_at", "id"])
@pytest.mark.parametrize("direction", ["", "-"])
def test_the_index_is_entered_where_the_page_begins(name: str, direction: str) -> None:
    ana = make.person(
        first_name="Ana", email="a@b.c", mobile="3125550142", city="x", state="y", score=5
    )
    sort, people = sorting.read(direction + name), Person.objects.present()
    assert sort
    mark = sort.key.mark(ana)._replace(value=sort.key.of(ana) or "Co")

    for stretch in sorting._stretches(people, sort, mark, backwards=False):
        plan = stretch[:51].explain() if stretch.query.is_empty() is False else "SEARCH"
        assert ("SEARCH" in plan, "TEMP B-TREE" in plan) == (True, False), plan
