"""Points are added to what stands there, each in the history, and nobody's are lost."""

from __future__ import annotations

from datetime import datetime
from threading import Thread

import pytest
from django.db import connection, transaction

from people import defining, editing, fields, scoring
from people.models import Activity, Person
from tests.people import make

pytestmark = pytest.mark.django_db


def add(name: str, points: int, now: datetime) -> int:
    with transaction.atomic():
        return scoring.add(Person.objects.all(), name, points, by="Ada", now=now)


@pytest.fixture
def interest(now: datetime) -> str:
    """The name of a Score field that was made here."""
    return fields.of_custom(defining.define("Interest", "score", by=None, now=now)).name


@pytest.mark.parametrize("custom", [False, True])
def test_adds_to_what_is_there_and_nothing_counts_as_nought(
    custom: bool, interest: str, now: datetime
) -> None:
    name = interest if custom else "score"
    high, none = make.person(), make.person()
    editing.change(high, {name: 40}, by="Ada", now=now)

    assert add(name, -3, now) == 2

    found = Person.objects.in_bulk()
    assert [fields.get(name).value(found[each.pk]) for each in (high, none)] == [37, -3]


def test_the_history_tells_the_score_before_and_after(now: datetime) -> None:
    one = make.person(score=2)

    add("score", 5, now)

    line = Activity.objects.get(person=one, kind="change_data_value")
    assert line.details == {"changes": {"score": [2, 7]}, "by": "Ada"}


def test_a_score_stays_at_its_bound_and_that_is_no_change(now: datetime) -> None:
    one = make.person(score=scoring.MOST - 1)

    assert [add("score", 5, now), add("score", 5, now)] == [1, 0]
    assert Person.objects.get(pk=one.pk).score == scoring.MOST


@pytest.mark.django_db(transaction=True)
def test_points_that_two_add_at_once_are_both_there(now: datetime) -> None:
    one = make.person(score=1)

    def add_ten_times() -> None:
        for _ in range(10):
            add("score", 1, now)
        connection.close()

    both = [Thread(target=add_ten_times) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert Person.objects.get(pk=one.pk).score == 21
