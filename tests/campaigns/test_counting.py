"""Figures of a smart list: exact where that is quick, else about, and marked so."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q
from pytest_django import DjangoAssertNumQueries

from campaigns import counting
from campaigns.counting import Figure
from people import patience
from tests.people import make

pytestmark = pytest.mark.django_db
CHICAGO, SCORE = Q(city="Chicago"), Q(score__gte=10)


@pytest.fixture
def everybody() -> None:
    make.people(30, city="Chicago")
    make.people(20, city="Boston", score=10)
    make.people(10, city="Chicago", score=10)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is to be counted to the number takes too long."""

    def at_most(seconds: float, *, name: str = "") -> Any:
        if seconds in (counting.WHOLE, counting.EACH):
            raise patience.TookTooLong
        return real(seconds, name=name)

    real = patience.at_most
    monkeypatch.setattr(patience, "at_most", at_most)
    monkeypatch.setattr(counting, "WHOLE", 0.5001)
    monkeypatch.setattr(counting, "EACH", 0.2501)


def test_counts_to_the_number_where_there_is_time(
    everybody: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = counting.find(CHICAGO & SCORE, {1: CHICAGO, 2: SCORE}, name="ada")

    assert found.total == Figure(10)
    assert found.by_filter == {1: Figure(40), 2: Figure(30)}
    assert (len(found.first), found.is_cut) == (10, False)


def test_an_incomplete_list_counts_its_complete_filters(everybody: None) -> None:
    found = counting.find(None, {1: CHICAGO}, name="ada")

    assert (found.total, found.by_filter, found.first) == (None, {1: Figure(40)}, [])


def test_about_is_said_from_a_sample(
    everybody: None, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SAMPLE", 30)

    found = counting.find(CHICAGO & SCORE, {1: CHICAGO, 2: SCORE}, name="ada")

    assert found.total is not None
    assert found.total.words == "about 10"
    assert {pk: each.words for pk, each in found.by_filter.items()} == {
        1: "about 40",
        2: "about 30",
    }


def test_nobody_in_the_sample_is_not_nobody(everybody: None, slow: None) -> None:
    found = counting.find(Q(city="Paris"), {}, name="ada")

    assert found.total == Figure(0, each=1)
    assert found.total.words == "fewer than 3"


def test_what_even_a_sample_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_most(seconds: float, *, name: str = "") -> Any:
        raise patience.TookTooLong

    monkeypatch.setattr(patience, "at_most", at_most)

    found = counting.find(CHICAGO, {1: CHICAGO}, name="ada")

    assert found.total is not None
    assert found.total.words == "not counted in time"
    assert found.first == []


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure(1234), "1,234"),
        (Figure(0), "0"),
        (Figure(123_456, each=100), "about 120,000"),
        (Figure(0, each=100), "fewer than 300"),
    ],
)
def test_a_figure_says_how_sure_it_is(figure: Figure, words: str) -> None:
    assert figure.words == words


def test_people_are_counted_the_same_way(everybody: None, slow: None) -> None:
    from people.models import Person

    assert counting.count(Person.objects.filter(CHICAGO), name="ada").words == "about 40"
