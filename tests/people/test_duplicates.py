"""Who shares a number, an address or a name: page by page, in as many statements for any number."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from people import duplicates, editing
from people.duplicates import BY
from people.models import Person
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
TEN_SPELLINGS = [
    "(312) 555-0142",
    "312-555-0142",
    "312.555.0142",
    "3125550142",
    "+1 312 555 0142",
    "1-312-555-0142",
    "+13125550142",
    "011 1 312 555 0142",
    "tel:+1-312-555-0142",
    "\u202a312\u00a0555\u20110142\u202c",
]


def groups(word: str) -> dict[str, list[str]]:
    found = duplicates.page(BY[word]).groups
    return {each.key: [person.first_name for person in each.people] for each in found}


def test_ten_spellings_of_one_number_meet_as_one() -> None:
    for place, typed in enumerate(TEN_SPELLINGS):
        values = editing.number(typed, region="US")
        editing.create({"first_name": str(place), **values}, by="ada", now=NOON)

    [group] = duplicates.page(BY["mobile"]).groups
    assert (group.key, group.count, group.more) == ("+13125550142", 10, 5)
    typed_as = Person.objects.order_by("pk").values_list("mobile_typed", flat=True)
    assert list(typed_as) == [each.strip() for each in TEN_SPELLINGS]


def test_upper_and_lower_case_are_one_and_empty_is_nothing_in_common() -> None:
    make.person(first_name="ZOË", last_name="Dupont", email="Zoe@example.com")
    make.person(first_name="Zoë", last_name="DUPONT", email="zoe@EXAMPLE.com")
    make.person(first_name="Zoë")
    make.person(first_name="Zoë")

    assert groups("mobile") == {}
    assert groups("email") == {"zoe@example.com": ["ZOË", "Zoë"]}
    assert groups("name") == {"dupont, zoë": ["ZOË", "Zoë"]}


def test_who_was_deleted_shares_nothing() -> None:
    make.person(mobile="(312) 555-0142")
    make.person(mobile="(312) 555-0142", deleted_at=NOON)

    assert groups("mobile") == {}


@pytest.mark.parametrize("word", BY)
def test_pages_go_on_where_the_last_one_ended(word: str) -> None:
    for place in range(7):
        same = {"email": f"p{place}@example.com", "last_name": f"Name {place}"}
        for _ in range(2):
            make.person(mobile=f"(312) 555-010{place}", **same)

    first = duplicates.page(BY[word], size=4)
    second = duplicates.page(BY[word], after=first.after, size=4)

    keys = [each.key for each in [*first.groups, *second.groups]]
    assert len(set(keys)) == len(keys) == 7
    assert (bool(first.after), second.after) == (True, "")


@pytest.mark.parametrize("word", BY)
def test_a_page_takes_two_statements(
    word: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    same = {"last_name": "Same", "first_name": "Name", "email": "same@example.com"}
    make.people(50, mobile_typed="(312) 555-0142", **same)

    with django_assert_num_queries(2):
        [group] = duplicates.page(BY[word]).groups

    assert group.count == 50


@pytest.mark.parametrize("word", BY)
def test_as_a_condition_it_finds_everybody_who_shares(word: str) -> None:
    same = {"email": "a@example.com", "last_name": "Same", "mobile": "(312) 555-0142"}
    two = [make.person(**same), make.person(**same)]
    make.person(email="b@example.com", last_name="Other", mobile="(312) 555-0143")
    make.person()

    found = Person.objects.present().filter(duplicates.condition(BY[word]))

    assert list(found.order_by("pk")) == two


def test_who_shares_is_looked_up_in_an_index_person_by_person() -> None:
    for by in (duplicates.BY["mobile"], duplicates.BY["email"]):
        sharing = Person.objects.present().filter(duplicates.condition(by))

        sql = str(sharing.query)

        assert "EXISTS" in sql
        assert "GROUP BY" not in sql
