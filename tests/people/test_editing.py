from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from people import activity, editing, history
from people.activity import Happening
from people.models import Activity, Person
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


def told(person: Person) -> list[tuple[str, str]]:
    return [(line.kind, line.sentence) for line in history.page(person, before=None).lines]


def test_a_new_person_has_a_history_from_the_start() -> None:
    ana = editing.create({"first_name": "Ana"}, by="ada", now=NOON)

    assert told(ana) == [("New Person", "Created by ada")]
    assert (ana.created_at, ana.updated_at) == (NOON, NOON)


def test_a_change_is_told_with_what_stood_there_before() -> None:
    ana = make.person(city="Boston", mobile="312-555-0142", score=3)
    later = NOON + timedelta(hours=1)
    values = {"city": "", "score": 4, "block_listed": True, "company": "Bell"}

    changes = editing.change(
        ana, values | editing.number("416 555 0142", region="US"), by="ada", now=later
    )

    assert changes["mobile"] == ["+13125550142", "+14165550142"]
    [(kind, sentence)] = told(ana)
    assert kind == "Change Data Value"
    assert sentence == (
        "Mobile Phone Number from “+13125550142” to “+14165550142”; "
        "Company Name from nothing to “Bell”; City from “Boston” to nothing; "
        "Score from 3 to 4; Block Listed from no to yes, by ada"
    )
    assert Person.objects.get().updated_at == later


def test_no_change_leaves_no_line() -> None:
    ana = make.person(city="Boston")

    assert editing.change(ana, {"city": "Boston"}, by="ada", now=NOON) == {}
    assert not Activity.objects.exists()


def test_a_change_tells_what_the_database_held_not_what_the_page_showed() -> None:
    ana = make.person(city="Boston")
    Person.objects.update(city="Austin")

    editing.change(ana, {"city": "Chicago"}, by="ada", now=NOON)

    assert told(ana) == [("Change Data Value", "City from “Austin” to “Chicago”, by ada")]


@pytest.mark.parametrize("number", [2, 200])
def test_many_are_changed_in_three_statements_and_only_the_changed_are_told(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.people(number, city="Boston")
    make.people(3, city="Chicago")

    with django_assert_num_queries(3):
        changed = editing.change_many(Person.objects.all(), "city", "Chicago", by="ada", now=NOON)

    assert changed == number
    assert set(Person.objects.values_list("city", flat=True)) == {"Chicago"}
    assert Activity.objects.count() == number


def test_what_was_typed_is_told_where_it_is_no_number() -> None:
    ana = make.person(mobile="312-555-0142")

    editing.change(ana, editing.number("none", region="US"), by="ada", now=NOON)

    assert told(ana) == [
        ("Change Data Value", "Mobile Phone Number from “+13125550142” to “none”, by ada")
    ]


def test_history_pages_through_lines_of_one_moment_without_gap_or_repeat() -> None:
    ana, ben = make.person(), make.person()
    lines = [Happening(who.pk, {"by": str(n)}) for n in range(60) for who in (ana, ben)]
    activity.record(activity.NEW_PERSON, lines, at=NOON)

    said, page = [], history.page(ana, before=None)
    while True:
        said += [line.sentence for line in page.lines]
        if not page.older:
            break
        page = history.page(ana, before=history.mark(page.older))

    assert said == [f"Created by {n}" for n in reversed(range(60))]


@pytest.mark.parametrize("nonsense", ["", "x_1", "2026-06-01T00:00:00+00:00_", "_", "1_2_3"])
def test_a_page_of_history_is_not_asked_for_by_nonsense(nonsense: str) -> None:
    assert history.mark(nonsense) is None


def test_a_kind_that_is_gone_is_told_by_its_word() -> None:
    assert activity.sentence(Activity(kind="from_a_plug_in", details={})) == "from_a_plug_in"


def test_two_kinds_do_not_share_a_word() -> None:
    with pytest.raises(ValueError, match="new_person"):
        activity.register(activity.Kind("new_person", "Other", "Other"))
