"""Counting people by what stands against a text says what the gate says, one by one."""

from __future__ import annotations

from collections import Counter

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from people.models import Person
from tests.people.make import person
from tests.vibes import make
from vibes import census, gate
from vibes.models import Number, Subscription, VibesList

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers() -> VibesList:
    """A list, with somebody for every reason, and two who share a number."""
    offers = make.vibes_list(make.account())
    mobiles = iter(f"+131255501{each:02d}" for each in range(60))
    for state in Subscription.State.values:
        mobile = next(mobiles)
        person(mobile=mobile)
        make.subscription(offers, mobile=mobile, state=state)
    for line in Number.Line.values:
        mobile = next(mobiles)
        person(mobile=mobile)
        make.subscription(offers, mobile=mobile)
        Number.objects.update_or_create(mobile=mobile, defaults={"line": line})
    for flags in ({"block_listed": True}, {"marketing_suspended": True}, {"unsubscribed": True}):
        mobile = next(mobiles)
        make.subscription(offers, mobile=mobile)
        person(mobile=mobile, **flags)
    shared = next(mobiles)
    make.subscription(offers, mobile=shared)
    for _ in range(3):
        person(mobile=shared)
    person()
    person(mobile="call me")
    person(mobile="+33612345678")
    person(mobile=next(mobiles))  # never asked about
    return offers


def one_by_one(offers: VibesList) -> Counter[str]:
    judged = gate.judge(Person.objects.present(), vibes_list=offers)
    numbers = [each.mobile for each in judged.admitted]
    found = Counter({why: len(who) for why, who in judged.refused.items()})
    texts, sharers = len(set(numbers)), len(numbers) - len(set(numbers))
    return found + Counter({"": texts, gate.Reason.SAME_NUMBER: sharers})


def test_the_census_says_what_the_gate_says(
    offers: VibesList, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        counted = census.count(Person.objects.present(), vibes_list=offers)

    assert counted == one_by_one(offers)
    assert sum(counted.values()) == Person.objects.count()
    assert len(counted) > 12


def test_people_written_down_once_are_counted_alike(
    offers: VibesList, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    unknown = gate.Reason.MEMBERSHIP_UNKNOWN
    asked_twice = person(mobile="+13125550199")
    person(mobile=asked_twice.mobile)

    with django_assert_num_queries(8), census.gathered(Person.objects.present()) as gathered:
        counted = gathered.by_reason(offers)
        to_ask = gathered.unknown(offers)

    assert counted == census.count(Person.objects.present(), vibes_list=offers)
    assert (gathered.count, to_ask) == (Person.objects.count(), counted[unknown] - 1)


def test_people_written_down_for_a_list_that_is_gone_need_not_be_asked_about(
    offers: VibesList,
) -> None:
    VibesList.objects.update(gone_at=make.NOON)

    with census.gathered(Person.objects.present()) as gathered:
        assert gathered.by_reason(offers) == {"list-gone": Person.objects.count()}
        assert gathered.unknown(offers) == 0


def test_a_list_that_is_gone_is_said_of_everybody(offers: VibesList) -> None:
    VibesList.objects.update(gone_at=make.NOON)

    counted = census.count(Person.objects.present(), vibes_list=offers)

    assert counted == {"list-gone": Person.objects.count()}


def test_nobody_is_nobody(offers: VibesList) -> None:
    assert census.count(Person.objects.none(), vibes_list=offers) == {}
    with census.gathered(Person.objects.none()) as gathered:
        assert (gathered.count, gathered.by_reason(offers), gathered.unknown(offers)) == (0, {}, 0)
