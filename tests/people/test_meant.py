"""What is typed without its zone or country means one thing, wherever it is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from people import columns, defining, fields, matching
from people.csv_file import Row
from people.field_types import TYPES
from people.instance import DEFAULT_REGION
from people.merge_form import MergeForm
from people.person_form import PersonForm
from tests.people import make
from tests.people.make import NOON

MOMENT = TYPES["datetime"]
READERS = ["America/Chicago", "Asia/Tokyo"]


@pytest.fixture(autouse=True)
def chicago(settings: Any) -> None:
    settings.TIME_ZONE = "America/Chicago"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-06-01 14:30", utc(2026, 6, 1, 19, 30)),
        ("2026-06-01", utc(2026, 6, 1, 5)),
        ("2026-06-01 14:30+02:00", utc(2026, 6, 1, 12, 30)),
        ("2026-03-08 02:30", utc(2026, 3, 8, 8, 30)),  # does not exist: half past three
        ("2026-11-01 01:30", utc(2026, 11, 1, 6, 30)),  # comes twice: the first
        ("2026-11-01 01:30-06:00", utc(2026, 11, 1, 7, 30)),  # the second
    ],
)
def test_a_time_without_a_zone_is_one_of_ours(reader: str, typed: str, meant: datetime) -> None:
    with timezone.override(reader):
        assert MOMENT.read(typed) == meant


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("hour", [5, 6, 7, 8])
def test_what_an_export_writes_an_import_reads_back(reader: str, hour: int) -> None:
    moment = utc(2026, 11, 1, hour, 30)

    typed = MOMENT.typed(moment)

    with timezone.override(reader):
        assert MOMENT.typed(moment) == typed
        assert MOMENT.read(typed) == moment


@pytest.mark.django_db
def test_a_file_is_read_alike_on_the_page_and_by_the_worker() -> None:
    field = fields.of_custom(defining.define("Renewal", "datetime", by=None, now=NOON))
    known = columns.choices(fields.everything())
    plan = columns.Plan({"0": "email", "1": field.name}, known, matching.get("email", known), NOON)
    row = Row(2, ["ana@example.com", "6/1/2026 14:30"])

    with timezone.override("Asia/Tokyo"):
        page = columns.read(row, plan)

    assert page.values == columns.read(row, plan).values
    assert page.values[field.name] == utc(2026, 6, 1, 19, 30)


# --- Forms in which somebody sees the value in their own zone -------------------------------------


@pytest.mark.django_db
def test_in_the_form_of_a_person_a_time_is_the_readers_and_names_its_zone() -> None:
    field = fields.of_custom(defining.define("Renewal", "datetime", by=None, now=NOON))

    with timezone.override("Asia/Tokyo"):
        typed = {field.name: "2026-06-01T14:30", "first_name": "Ana"}
        form = PersonForm(typed, only=[field.name, "first_name"])

        assert form.is_valid()
        assert form.values()[field.name] == utc(2026, 6, 1, 5, 30)
        assert "Asia/Tokyo" in form.fields[field.name].help_text


@pytest.mark.django_db
def test_who_touches_nothing_changes_nothing_in_the_hour_that_comes_twice() -> None:
    field = fields.of_custom(defining.define("Renewal", "datetime", by=None, now=NOON))
    ana = make.person(first_name="Ana")
    field.put(ana, utc(2026, 11, 1, 7, 30))

    with timezone.override("America/Chicago"):
        shown = PersonForm(person=ana, only=[field.name])[field.name].value()
        form = PersonForm({field.name: shown}, person=ana, only=[field.name])

        assert shown == "2026-11-01T01:30:00"
        assert form.is_valid()
        assert form.values() == {}


@pytest.mark.django_db
def test_in_a_merge_a_time_is_the_readers() -> None:
    field = fields.of_custom(defining.define("Renewal", "datetime", by=None, now=NOON))
    ana, anna = make.person(first_name="Ana"), make.person(first_name="Ana")
    field.put(ana, NOON)
    typed = {
        "keep": ana.pk,
        f"whose-{field.name}": "typed",
        f"typed-{field.name}": "2026-06-01 14:30",
    }

    with timezone.override("Asia/Tokyo"):
        form = MergeForm([ana, anna], typed)

        assert form.is_valid()
        assert form.values == {field.name: utc(2026, 6, 1, 5, 30)}


# --- Numbers --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_phone_without_a_country_is_one_of_ours() -> None:
    field = fields.of_custom(defining.define("Fax", "phone", by=None, now=NOON))
    DEFAULT_REGION.set("GB")
    typed = {"phone": "020 7946 0958", field.name: "020 7946 0958", "first_name": "Ana"}

    form = PersonForm(typed, only=[*typed])

    assert form.is_valid()
    read = [form.values()["phone"], form.values()[field.name], field.read("020 7946 0958")]
    assert read == ["+442079460958"] * 3


@pytest.mark.django_db
def test_a_phone_in_a_file_is_of_the_country_of_the_file() -> None:
    known = columns.choices(fields.STANDARD)
    mapping = {"0": "email", "1": "phone"}
    plan = columns.Plan(mapping, known, matching.get("email", known), NOON, region="GB")

    read = columns.read(Row(2, ["ana@example.com", "020 7946 0958"]), plan)

    assert read.values["phone"] == "+442079460958"
