"""The history of a person, by kind."""

from __future__ import annotations

import pytest

from people import activity, history
from people.activity import Happening
from people.models import Person
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    ana = make.person()
    for place in range(60):
        kind = activity.ADD_TO_LIST if place % 2 else activity.NEW_PERSON
        activity.record(kind, [Happening(ana.pk, {"list": str(place), "by": "x"})], at=NOON)
    return ana


def test_shows_only_the_kinds_that_were_chosen_and_pages_on(ana: Person) -> None:
    first = history.page(ana, before=None, kinds=["add_to_list"])
    second = history.page(ana, before=history.mark(first.older), kinds=["add_to_list"])

    assert len(first.lines) == 25
    assert len(second.lines) == 5
    assert {each.kind for each in [*first.lines, *second.lines]} == {"Add to List"}
    assert second.older == ""


def test_without_a_choice_it_shows_them_all(ana: Person) -> None:
    assert len({each.kind for each in history.page(ana, before=None).lines}) == 2


def test_what_is_no_kind_is_not_chosen() -> None:
    assert history.chosen(["x", "add_to_list", "add_to_list", "'"]) == ["add_to_list"]


def test_kinds_come_by_label() -> None:
    labels = [label for _, label in history.kinds()]

    assert labels == sorted(labels, key=str.lower)
    assert ("add_to_list", "Add to List") in history.kinds()
