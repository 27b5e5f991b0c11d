"""Fields: what was typed is read by type, kept as JSON has it, and found again as what it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from people import activity, defining, editing, fields
from people.field_types import TYPES, Unreadable
from people.models import Activity, CustomField, Person
from tests.people import make

NOW = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
# What is typed, what it is in Python, and what JSON keeps of it.
VALUES: list[tuple[str, str, Any, Any]] = [
    ("boolean", "Yes", True, True),
    ("integer", "1,234", 1234, 1234),
    ("integer", "-7", -7, -7),
    ("float", "2.50", 2.5, 2.5),
    ("score", "10", 10, 10),
    ("currency", "$1,234.50", Decimal("1234.50"), 1234.5),
    ("percent", "12.5 %", Decimal("12.50"), 12.5),
    ("string", "Cafe\u0301", "Café", "Café"),
    ("text", "two\nlines", "two\nlines", "two\nlines"),
    ("email", "Ana@EXAMPLE.com", "Ana@example.com", "Ana@example.com"),
    ("phone", "(312) 555-0142", "+13125550142", "+13125550142"),
    ("phone", "ask for Ana", "ask for Ana", "ask for Ana"),
    ("url", "example.com/a", "https://example.com/a", "https://example.com/a"),
    ("date", "03/31/2026", date(2026, 3, 31), "2026-03-31"),
    (
        "datetime",
        "2026-03-31T14:30:00+02:00",
        datetime(2026, 3, 31, 12, 30, tzinfo=UTC),
        "2026-03-31T12:30:00Z",
    ),
]
WRONG = [
    ("boolean", "perhaps"),
    ("integer", "1.5"),
    ("integer", "9" * 30),
    ("integer", "1e400"),
    ("float", "nan"),
    ("float", "many"),
    ("currency", "1.005"),
    ("percent", "½"),
    ("string", "x" * 256),
    ("string", "a\0b"),
    ("email", "nobody"),
    ("url", "not a url"),
    ("date", "31.31.2026"),
    ("datetime", "noon"),
    ("datetime", "0001-01-01T00:00:00+23:00"),
    ("datetime", "0001-01-01T00:00:00Z"),  # what other systems write for never
    ("datetime", "9999-12-31T23:59:59Z"),
]


def field(kind: str = "integer", label: str = "Shoe Size") -> fields.Field:
    return fields.of_custom(defining.define(label, kind, by=None, now=NOW))


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "typed", "value", "kept"), VALUES)
def test_what_is_typed_is_read_and_kept(kind: str, typed: str, value: Any, kept: Any) -> None:
    found = TYPES[kind].read(typed)

    assert (found, type(found)) == (value, type(value))
    assert TYPES[kind].to_json(found) == kept
    assert TYPES[kind].from_json(kept) == value
    assert TYPES[kind].read(TYPES[kind].typed(value)) == value
    assert TYPES[kind].shown(value)


@pytest.mark.parametrize(("kind", "typed"), WRONG)
def test_what_is_no_value_is_refused_in_words(kind: str, typed: str) -> None:
    with pytest.raises(Unreadable, match=r"\w"):
        TYPES[kind].read(typed)


def test_every_type_is_tried_here() -> None:
    assert {kind for kind, *_ in VALUES} == set(TYPES)


@pytest.mark.django_db
def test_a_field_made_now_is_a_field_like_any_other() -> None:
    size = field()
    person = make.person(first_name="Ana")

    editing.change(person, {size.name: size.read("38")}, by="ada", now=NOW)

    assert Person.objects.filter(**{f"{size.name}__gte": 38, f"{size.name}__lt": 100}).exists()
    assert not Person.objects.filter(**{f"{size.name}__lt": 5}).exists()  # as a number, not as text
    told = activity.sentence(Activity.objects.get(kind="change_data_value"))
    assert told == "Shoe Size from nothing to 38, by ada"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_many_are_changed_in_as_many_statements_as_one(kind: str) -> None:
    typed, value, kept = next(row[1:] for row in VALUES if row[0] == kind)
    here, counts = field(kind, "Something"), []
    fields.recent()
    for number in (2, 40):
        Person.objects.all().delete()
        make.people(number)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            editing.change_many(Person.objects.all(), here.name, here.read(typed), by="x", now=NOW)
        counts.append(len(queries))
    people = list(Person.objects.all())

    assert counts[0] == counts[1]
    assert [here.value(each) for each in people] == [value] * 40
    assert people[0].custom == {here.key: kept}
    assert editing.change_many(Person.objects.all(), here.name, value, by="x", now=NOW) == 0
    assert editing.change_many(Person.objects.all(), here.name, here.empty, by="x", now=NOW) == 40
    assert Person.objects.filter(here.is_empty()).count() == 40
    assert Person.objects.exclude(custom={}).count() == 0


@pytest.mark.django_db
def test_a_name_is_taken_once_whatever_its_case_and_keys_never_clash() -> None:
    first, second = field(label="Size!"), field(label="Size?")

    assert (first.key, second.key) == ("size", "size_2")
    for taken in ("size!", "FIRST name"):
        with pytest.raises(defining.Refused, match="already"):
            defining.define(taken, "string", by=None, now=NOW)
    assert CustomField.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["Contains", "in", "Exact", "has key", "4th child"])
def test_no_key_is_the_name_of_a_lookup(label: str) -> None:
    named = field("integer", label)
    person = make.person()
    editing.change(person, {named.name: 4}, by="ada", now=NOW)

    assert Person.objects.filter(**{named.name: 4}).get() == person


@pytest.mark.django_db
def test_a_deleted_field_takes_its_values_along_and_the_log_still_tells_of_it() -> None:
    size = field()
    person = make.person()
    editing.change(person, {size.name: 38}, by="ada", now=NOW)

    assert defining.delete(CustomField.objects.get()) == 1

    person.refresh_from_db()
    assert person.custom == {}
    line = Activity.objects.get(kind="change_data_value")
    assert activity.sentence(line) == "shoe_size from nothing to 38, by ada"
    with pytest.raises(fields.UnknownField):
        fields.get(size.name)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Chicago"])
@pytest.mark.parametrize("year", [1, 9999])
def test_a_moment_at_the_end_of_the_calendar_is_shown_in_every_zone(zone: str, year: int) -> None:
    kept = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, tzinfo=UTC)

    with timezone.override(zone):
        assert TYPES["datetime"].shown(kept)
        assert TYPES["datetime"].typed(kept)
