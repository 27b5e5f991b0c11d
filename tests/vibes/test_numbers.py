from __future__ import annotations

from datetime import timedelta

import pytest

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, BEN, NOON
from vibes import consent, numbers
from vibes.models import ConsentEntry, Number, Stop

pytestmark = pytest.mark.django_db
Line = Number.Line
CAUSE = {"callback_id": 9, "campaign_id": 1, "run_id": 2, "step_id": 3}


def mark(line: str) -> bool:
    return numbers.set_line(ANA, line, source=consent.OUR_CALL, told_at=NOON, now=NOON, cause=CAUSE)


@pytest.mark.parametrize(
    ("line", "kind", "actor"),
    [
        (Line.LANDLINE, "number_not_mobile", "carrier"),
        (Line.DISCONNECTED, "number_disconnected", "carrier"),
        (Line.INVALID, "number_invalid", "vibes"),
    ],
)
def test_is_in_the_ledger_and_in_everybodys_history(line: str, kind: str, actor: str) -> None:
    ana, bob = people.person(mobile=ANA), people.person(mobile=ANA)
    people.person(mobile=BEN)
    people.person(mobile=ANA, deleted_at=NOON)

    assert mark(line) is True

    lines = Activity.objects.values_list("person", "kind", "campaign_id", "run_id", "step_id")
    assert set(lines) == {(ana.pk, kind, 1, 2, 3), (bob.pk, kind, 1, 2, 3)}
    entry = ConsentEntry.objects.get()
    assert (entry.vibes_list_id, entry.was, entry.became) == (None, "", line)
    assert (entry.actor, entry.source, entry.callback_id) == (actor, "our call", 9)


def test_the_same_twice_is_no_news() -> None:
    assert [mark(Line.INVALID), mark(Line.INVALID)] == [True, False]
    assert ConsentEntry.objects.count() == 1


def test_a_number_nobody_holds_is_marked_too() -> None:
    mark(Line.LANDLINE)
    assert Number.objects.get(mobile=ANA).line == Line.LANDLINE


def test_says_when_it_can_be_used_again() -> None:
    people.person(mobile=ANA)
    mark(Line.DISCONNECTED)
    mark(Line.UNKNOWN)

    assert [entry.became for entry in ConsentEntry.objects.order_by("pk")] == [
        "disconnected",
        "usable",
    ]
    assert Activity.objects.latest("pk").kind == "number_usable"


def test_locks_many_in_order_and_makes_those_that_are_missing() -> None:
    Number.objects.create(mobile=BEN, line=Line.LANDLINE)

    held = numbers.lock_all([BEN, ANA, BEN])
    assert [(each.mobile, each.line) for each in held.values()] == [(ANA, ""), (BEN, "landline")]


def test_remembers_a_key_where_it_is_another() -> None:
    held = numbers.lock_all([ANA, BEN])

    numbers.remember_keys(held, {ANA: "a" * 90, BEN: ""})
    kept = dict(Number.objects.values_list("mobile", "person_key"))
    assert kept == {ANA: "a" * 80, BEN: ""}


def test_of_two_stops_at_a_service_the_newer_is_kept() -> None:
    account = make.account()
    for minutes in (1, 2, 0):
        numbers.keep_stop(ANA, account.pk, NOON + timedelta(minutes=minutes))

    assert Stop.objects.get().stopped_at == NOON + timedelta(minutes=2)


def test_each_service_has_its_own_stop_of_a_number() -> None:
    here, there = make.account(), make.account(name="Canada")
    make.stop(there)
    make.stop(there, BEN)

    assert numbers.stopped_at(ANA, here.pk) is None
    assert numbers.stopped_at(ANA, there.pk) == NOON
    assert numbers.stops([ANA, BEN], there.pk) == {ANA: NOON, BEN: NOON}
