"""Rows of imports that were not taken are emptied with whoever they tell of, and with nobody else."""

from __future__ import annotations

import pytest

from people import binning, editing, erasing, merging
from people.merging import Choice
from people.models import ImportReject, Person
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


def erase(person: Person) -> None:
    binning.delete([person.pk], by="ada", now=NOON)
    binning.erase_soon([person.pk], by="ada", now=NOON)
    assert erasing.erase_some(now=NOON) == 1


def reject(*cells: str) -> ImportReject:
    job = make.import_job()
    return ImportReject.objects.create(job=job, number=2, reason="Why", cells=list(cells))


def is_empty(row: ImportReject) -> bool:
    return ImportReject.objects.get(pk=row.pk).cells == []


@pytest.mark.parametrize(
    ("mobile", "cell"),
    [
        ("+6581234567", "8123 4567"),
        ("+6581234567", "65 8123-4567"),
        ("+4520123456", "20 12 34 56"),
        ("+4740612345", "0047 40 61 23 45"),
        ("+85251234567", "5123.4567, evenings"),
        ("+447911123456", "+44 (0)7911 123456"),
        ("+447911123456", "07911 123456"),
        ("+13125550142", "1 (312) 555-0142"),
        ("+13125550142", "011 1 312 555 0142"),
        ("+13125550142", "tel:+1-312-555-0142;ext=5"),
    ],
)
def test_a_number_is_found_however_it_is_written(mobile: str, cell: str) -> None:
    row, person = reject("x", cell), make.person(mobile=mobile)
    assert person.mobile == mobile

    erase(person)

    assert is_empty(row)


@pytest.mark.parametrize(
    ("mobile", "cell"),
    [
        ("+6581234567", "+1 318 123 4567"),
        ("+6581234567", "5500 0081 2345 6700"),
        ("+13125550142", "+44 3125 550142"),
        ("+13125550142", "555-0142"),
        ("+13125550142", ""),
    ],
)
def test_a_number_that_only_ends_alike_is_somebody_elses(mobile: str, cell: str) -> None:
    row = reject(cell)

    erase(make.person(mobile=mobile))

    assert not is_empty(row)


def test_addresses_from_before_are_found_too() -> None:
    person = make.person(email="ana@example.com")
    editing.change(person, {"email": "ana@elsewhere.example"}, by="ada", now=NOON)
    before, now = reject("ANA@example.com"), reject("Ana <ana@elsewhere.example>")
    others = reject("diana@example.com")

    erase(person)

    assert [is_empty(each) for each in (before, now, others)] == [True, True, False]


def test_the_address_of_who_was_merged_into_them_is_found_too() -> None:
    person, other = make.person(email="ana@example.com"), make.person(email="a@old.example")
    merging.merge([person.pk, other.pk], Choice(), by="ada", now=NOON)
    row = reject("a@old.example")

    erase(person)

    assert is_empty(row)


def test_what_was_typed_and_was_no_number_is_found_too() -> None:
    row, person = reject("ask for Ana, 55"), make.person(mobile="Ask for Ana, 55")
    assert person.mobile == ""

    erase(person)

    assert is_empty(row)
