"""Several records of one person become one, and nothing of theirs is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from pytest_django import DjangoAssertNumQueries

from people import activity, editing, following, merging, value_history
from people.activity import Happening
from people.merging import Choice, NotMerged
from people.models import Activity, Person, StaticListMember
from people.value_history import Change
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def merge(*people: Person, choice: Choice | None = None) -> Person:
    ids = [each.pk for each in people]
    return merging.merge(ids, choice or Choice(), by="ada", now=NOON)


def lines(person: Person) -> list[str]:
    found = Activity.objects.filter(person=person).order_by("pk")
    return [activity.sentence(each) for each in found]


def test_the_first_keeps_its_id_and_its_values_where_nothing_was_chosen() -> None:
    anna = make.person(first_name="Anna", city="Chicago")
    ana = make.person(first_name="Ana", city="Boston", score=5)

    kept = merge(anna, ana)

    assert (kept.pk, kept.first_name, kept.city, kept.score) == (anna.pk, "Anna", "Chicago", 0)
    assert list(Person.objects.present()) == [anna]


def test_each_field_takes_whose_value_was_chosen_or_what_was_typed() -> None:
    anna = make.person(first_name="Anna", city="Chicago", score=3)
    ana = make.person(first_name="Ana", city="Boston", mobile="(312) 555-0142", score=5)
    choice = Choice({"first_name": ana.pk, "mobile_typed": ana.pk}, {"city": "Reno"})

    merge(anna, ana, choice=choice)

    anna.refresh_from_db()
    assert (anna.first_name, anna.city, anna.score) == ("Ana", "Reno", 3)
    assert (anna.mobile, anna.mobile_region) == ("+13125550142", "US")


FLAGS = ["block_listed", "marketing_suspended", "unsubscribed", "do_not_call"]


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("barred", [0, 1])
def test_the_strictest_consent_wins_whoever_is_kept_and_whatever_was_chosen(
    flag: str, barred: int
) -> None:
    people = [make.person(), make.person()]
    Person.objects.filter(pk=people[barred].pk).update(**{flag: True})
    choice = Choice({flag: people[1 - barred].pk}, {flag: False})

    kept = merge(*people, choice=choice)

    assert getattr(kept, flag) is True


def test_the_reasons_of_all_are_kept() -> None:
    one = make.person(block_listed=True, block_listed_reason="Asked us by phone")
    two = make.person(block_listed=True, block_listed_reason="Complained")
    three = make.person(block_listed_reason="Not in force")

    assert merge(three, one, two).block_listed_reason == "Asked us by phone; Complained"


def test_history_and_lists_are_the_survivors_and_nothing_stands_twice() -> None:
    anna, ana = make.person(first_name="Anna"), make.person(first_name="Ana")
    make.static_list("Both", anna, ana)
    make.static_list("Hers", ana)
    activity.record(activity.NEW_PERSON, [Happening(ana.pk, {"by": "import"})], at=NOON)

    merge(anna, ana, choice=Choice({"first_name": ana.pk}))

    assert sorted(anna.static_lists.values_list("name", flat=True)) == ["Both", "Hers"]
    assert StaticListMember.objects.count() == 2
    changed = "First Name from “Anna” to “Ana”, by ada (merge)"
    assert lines(anna) == ["Created by import", changed, f"Merged with Ana (#{ana.pk}) by ada"]
    assert lines(ana) == []


def test_what_it_changed_is_in_the_history_of_each_value() -> None:
    anna = make.person(city="Chicago", mobile="(312) 555-0142")
    ana = make.person(city="Boston", mobile="(312) 555-0143", block_listed=True)

    merge(anna, ana, choice=Choice({"city": ana.pk, "mobile_typed": ana.pk}))

    anna.refresh_from_db()
    expected = Change(NOON, "ada (merge)", "Chicago", "Boston")
    assert value_history.of(anna, "city") == [expected]
    [number] = value_history.of(anna, "mobile_typed")
    assert (number.before, number.after) == ("+13125550142", "+13125550143")
    setting = value_history.latest(anna, ("block_listed", "mobile"))
    assert {each.by for each in setting.values()} == {"ada (merge)"}


def test_a_merge_that_changes_nothing_tells_no_change() -> None:
    merge(make.person(city="Chicago"), make.person())

    assert list(Activity.objects.values_list("kind", flat=True)) == ["merge_people"]


def test_who_set_what_it_is_now_is_nobody_who_had_it_otherwise() -> None:
    ana = editing.create({"block_listed": False}, by="bob", now=NOON)
    editing.change(ana, {"block_listed": True}, by="eve", now=NOON + HOUR)
    anna = editing.create({"block_listed": True}, by="carl", now=NOON + 2 * HOUR)
    editing.change(anna, {"block_listed": False}, by="dan", now=NOON + 3 * HOUR)

    merge(ana, anna)

    ana.refresh_from_db()
    found = value_history.latest(ana, ("block_listed", "unsubscribed"))
    assert {name: each.by for name, each in found.items()} == {
        "block_listed": "eve",
        "unsubscribed": "bob",
    }


def test_the_other_row_keeps_its_id_and_number_and_no_word() -> None:
    anna = make.person(first_name="Anna")
    ana = make.person(first_name="Ana", email="ana@example.com", mobile="(312) 555-0142")

    merge(anna, ana)

    ana.refresh_from_db()
    assert (ana.merged_into, ana.deleted_at) == (anna, NOON)
    assert (ana.first_name, ana.email, ana.mobile_typed) == ("", "", "")
    assert ana.mobile == "+13125550142"


def test_an_old_id_leads_to_the_survivor_of_the_survivor() -> None:
    one, two, three = (make.person() for _ in range(3))
    merge(two, one)
    merge(three, two)

    assert merging.survivor_of(one.pk) == three.pk
    assert merging.survivor_of(three.pk) is None


def test_the_dry_look_says_what_the_deed_does_and_writes_nothing() -> None:
    anna, ana = make.person(first_name="Anna"), make.person(first_name="Ana", block_listed=True)
    make.static_list("Hers", ana)
    choice = Choice({"first_name": ana.pk})
    before = list(Person.objects.values())

    look = merging.look([anna, ana], choice)

    assert list(Person.objects.values()) == before
    assert [(each.label, each.count) for each in look.moves] == [("static list members", 1)]
    assert look.changes == {"first_name": ["Anna", "Ana"], "block_listed": [False, True]}
    merge(anna, ana, choice=choice)
    [line] = Activity.objects.filter(kind="change_data_value")
    assert line.details["changes"] == look.changes


@pytest.mark.parametrize("number", [1, 11])
def test_one_alone_or_too_many_are_not_merged(number: int) -> None:
    with pytest.raises(NotMerged, match="at most 10"):
        merge(*(make.person() for _ in range(number)))


def test_who_is_gone_is_not_merged_and_named() -> None:
    anna, ana = make.person(), make.person(deleted_at=NOON)

    with pytest.raises(NotMerged, match=f"#{ana.pk} is gone"):
        merge(anna, ana)


def test_merging_costs_the_same_however_much_there_is(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    people = [make.person() for _ in range(10)]
    for number in range(10):
        make.static_list(f"List {number}", *people)
    activity.record(
        activity.NEW_PERSON, [Happening(each.pk) for each in people for _ in range(20)], at=NOON
    )

    with django_assert_max_num_queries(45):
        merge(*people)


def test_everything_that_points_at_people_is_moved_by_somebody() -> None:
    """What the walk cannot see (no way back from a person) has to be a follower's."""
    theirs = {label for each in following.everybody() for label in each.moves}
    seen = {each.related_model._meta.label for each in Person._meta.related_objects}
    pointing = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Person
    }

    assert pointing - seen - theirs == set()
