"""Merges at the same moment as other merges, steps and texts: one after the other, and nothing lost."""

from __future__ import annotations

from time import sleep

import pytest
from django.db import transaction

from campaigns import runner
from campaigns.models import Run, Verdict
from people import editing, merging
from people.merging import Choice, NotMerged
from people.models import Person
from tests.campaigns import make
from tests.campaigns.test_control_at_once import also, claim, permit, queue
from tests.campaigns.test_runner import running
from tests.elsewhere import Elsewhere
from tests.people.make import person
from vibes import delivery, following, settling
from vibes.models import OutboxRow
from vibes.sending import Answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
NOON = make.NOON


@pytest.fixture
def run() -> Run:
    offers = make.vibes_list()
    make.subscribers(offers, 4, city="Chicago")
    return running(
        make.campaign(filters=[make.in_city()], steps=[make.send(make.approved_message(), offers)])
    )


def merge(*ids: int) -> Person:
    return merging.merge(ids, Choice(), by="ada", now=NOON)


def ids() -> list[int]:
    return list(Person.objects.order_by("pk").values_list("pk", flat=True))


def everything_is_of_somebody_present() -> bool:
    present = Person.objects.present()
    rows = OutboxRow.objects.exclude(person__in=present).exists()
    return not rows and not Verdict.objects.exclude(person__in=present).exists()


def test_a_merge_waits_for_the_step_somebody_takes(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, *_ = ids()
    others = list[Elsewhere]()

    def come() -> None:
        others.append(Elsewhere(lambda: merge(one, two)))
        sleep(0.4)
        assert not others[0].is_over()

    also(monkeypatch, runner._Visit, "_write", come)
    queue(run)

    assert others[0].wait().pk == one
    assert everything_is_of_somebody_present()
    assert len(permit()) == 4


def test_a_step_waits_for_the_merge_and_finds_its_people(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, *_ = ids()
    others = list[Elsewhere]()

    def come() -> None:
        others.append(Elsewhere(lambda: queue(run)))
        sleep(0.4)

    also(monkeypatch, merging, "_move", come)
    merge(one, two)
    others[0].wait()

    assert everything_is_of_somebody_present()
    assert len(permit()) == 3


def test_a_merge_waits_for_a_permission_and_a_permission_for_a_merge(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, *_ = ids()
    queue(run)
    rows, others = claim(), list[Elsewhere]()

    def come() -> None:
        others.append(Elsewhere(lambda: delivery.permit(rows, now=NOON)))
        sleep(0.4)
        assert not others[0].is_over()

    also(monkeypatch, following.AtVibes, "merge", come)
    merge(one, two)

    permitted = others[0].wait()
    assert {row.person_id for row in permitted} == {one, *ids()[2:]}
    assert len(permitted) == 4


def test_whoever_blocks_the_survivor_is_seen_by_the_text_that_was_the_others(run: Run) -> None:
    one, two, *_ = ids()
    queue(run)
    rows = claim()
    merge(one, two)

    with transaction.atomic():
        editing.change(Person.objects.get(pk=one), {"block_listed": True}, by="x", now=NOON)
        sender = Elsewhere(lambda: delivery.permit(rows, now=NOON))
        sleep(0.4)

    assert {row.person_id for row in sender.wait()} == set(ids()[2:])


def test_texts_settle_while_people_are_merged(run: Run) -> None:
    people = ids()
    queue(run)
    rows = permit()
    taken = [(row, Answer(OutboxRow.State.ACCEPTED)) for row in rows]

    deeds = [
        Elsewhere(lambda: merge(people[3], people[0])),
        Elsewhere(lambda: settling.settle_surely(taken, lambda: NOON)),
        Elsewhere(lambda: merge(people[1], people[2])),
    ]
    for each in deeds:
        each.wait()

    assert everything_is_of_somebody_present()
    assert {row.state for row in OutboxRow.objects.all()} == {"accepted"}
    gone = Person.objects.exclude(merged_into=None)
    assert not gone.filter(activities__kind="send_sms").exists()


def test_of_two_merges_with_one_in_both_the_second_finds_them_gone(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = (person().pk for _ in range(3))
    others = list[Elsewhere]()

    def come() -> None:
        if not others:
            others.append(Elsewhere(lambda: merge(three, two)))
            sleep(0.4)
            assert not others[0].is_over()

    also(monkeypatch, merging, "_move", come)
    merge(one, two)

    with pytest.raises(NotMerged, match=f"#{two} is gone"):
        others[0].wait()
    assert Person.objects.get(pk=two).merged_into_id == one
    assert Person.objects.present().count() == 2
