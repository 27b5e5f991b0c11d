"""Deleting people: into the bin, back out of it whole, and erased when 30 days are over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from people import activity, binning, erasing
from people.models import Activity, Person
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=3)


def delete(*people: Person) -> int:
    return binning.delete([each.pk for each in people], by="ada", now=NOON)


def restore(*people: Person) -> int:
    return binning.restore([each.pk for each in people], by="ada", now=LATER)


def lines(person: Person) -> list[str]:
    return [
        activity.sentence(each) for each in Activity.objects.filter(person=person).order_by("pk")
    ]


def test_whoever_is_deleted_is_in_the_bin_for_thirty_days() -> None:
    ana, ben = make.people(2)

    assert delete(ana) == 1

    ana.refresh_from_db()
    assert list(Person.objects.present()) == [ben]
    assert list(Person.objects.in_the_bin()) == [ana]
    assert (ana.deleted_at, ana.erase_at) == (NOON, NOON + timedelta(days=30))
    assert lines(ana) == ["Put into the recycle bin by ada"]


def test_restoring_brings_everything_back() -> None:
    ana = make.person(first_name="Ana", custom={"size": 4}, mobile="(312) 555-0142")
    news = make.static_list("News", ana)
    before = Person.objects.values().get()
    delete(ana)

    assert restore(ana) == 1

    assert Person.objects.values().get() == before | {"updated_at": LATER}
    assert list(news.members.all()) == [ana]
    assert lines(ana)[1:] == ["Taken out of the recycle bin by ada"]


def test_the_same_again_does_nothing_more() -> None:
    [ana] = make.people(1)

    assert (delete(ana), delete(ana)) == (1, 0)
    assert (restore(ana), restore(ana)) == (1, 0)
    assert Activity.objects.count() == 2


def test_nobody_who_was_merged_or_erased_comes_back() -> None:
    ana, ben, eve = make.people(3)
    Person.objects.filter(pk=ben.pk).update(deleted_at=NOON, merged_into=ana)
    Person.objects.filter(pk=eve.pk).update(deleted_at=NOON, erased_at=NOON)

    assert restore(ben, eve) == 0
    assert binning.erase_soon([ben.pk, eve.pk], by="ada", now=NOON) == 0


def test_whoever_was_left_is_taken_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    people = make.people(5)
    monkeypatch.setattr(binning, "SLICE", 2)
    delete(*people[:2])  # what a request did before it died

    assert delete(*people) == 3
    assert not Person.objects.present().exists()


def test_the_calendar_erases_after_thirty_days_and_not_before() -> None:
    ana, ben = make.people(2)
    delete(ana)

    assert not erasing.due(NOON + timedelta(days=29, hours=23))
    assert erasing.erase_due(clock=lambda: NOON + timedelta(days=30)) is False
    assert list(Person.objects.exclude(erased_at=None)) == [ana]
    assert list(Person.objects.present()) == [ben]


def test_many_are_deleted_in_few_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    people = make.people(500)

    with django_assert_max_num_queries(5):
        delete(*people)
