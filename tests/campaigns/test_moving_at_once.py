"""People are moved while workers take them on: whoever comes second finds what the first has done."""

from __future__ import annotations

import threading
from datetime import timedelta
from time import sleep

import pytest

from campaigns import editor, failing, moving, runner, versions
from campaigns.models import Cohort, Run, Verdict
from campaigns.moving import Plan
from tests.campaigns import make
from tests.campaigns.test_control_at_once import also
from tests.campaigns.views import runs
from tests.elsewhere import Elsewhere
from vibes.models import OutboxRow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
NOON = runs.NOON
DUE = NOON + timedelta(days=2)


@pytest.fixture
def run() -> Run:
    """Four people wait two days; the version published since texts others words after the wait."""
    offers = make.vibes_list()
    make.subscribers(offers, 4, city="Chicago")
    old, new = make.approved_message("Old"), make.approved_message("New", name="New text")
    campaign = make.campaign(filters=[make.in_city()], steps=[make.wait(2), make.send(old, offers)])
    run = runs.running(campaign)
    second = campaign.steps.all()[1]
    editor.configure_step(
        second, make.send(new, offers)[1], does_nothing=False, by=make.user(), now=NOON
    )
    versions.publish(campaign, by=make.user(), now=NOON)
    return run


def seen(run: Run) -> int:
    return moving.plan(run.version, by=make.user()).seen


def move(run: Run, as_seen: int) -> Plan:
    return moving.move(run.version, seen=as_seen, by=make.user(), now=DUE)


def go_on() -> None:
    while cohorts := runner.due(now=DUE):
        for cohort in cohorts:
            runner.advance(cohort, now=DUE)


def texts(run: Run) -> list[str]:
    rows = OutboxRow.objects.filter(run_id=run.pk).order_by("mobile")
    assert rows.count() == rows.values("mobile").distinct().count()
    return list(rows.values_list("text", flat=True).order_by("text"))


def test_who_moves_while_a_cohort_advances_waits_and_moves_nobody_of_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, others = seen(run), list[Elsewhere]()

    def come() -> None:
        if not others:
            others.append(Elsewhere(lambda: move(run, shown)))
            sleep(0.4)

    also(monkeypatch, runner._Visit, "_write", come)
    go_on()

    with pytest.raises(moving.SeenAnotherWay):
        others[0].wait()
    assert (texts(run), Cohort.objects.filter(version=None).count()) == (["Old"] * 4, 1)


def test_who_took_it_in_hand_before_it_was_moved_goes_on_with_the_old_version(run: Run) -> None:
    shown, cohort = seen(run), Cohort.objects.get()
    begun = failing.begin(cohort.pk, now=DUE)
    assert begun

    with pytest.raises(moving.SeenAnotherWay):
        move(run, shown)
    runner._advance(begun, DUE)

    assert texts(run) == ["Old"] * 4


def test_who_read_it_before_it_was_moved_does_not_take_it_by_the_old_version(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, read, moved = seen(run), threading.Event(), threading.Event()
    is_due = Cohort.is_due

    def look_and_wait(cohort: Cohort, now: object) -> bool:
        found = is_due(cohort, DUE)
        read.set()
        moved.wait(5)
        return found

    monkeypatch.setattr(Cohort, "is_due", look_and_wait)
    worker = Elsewhere(lambda: runner.advance(Cohort.objects.get().pk, now=DUE))
    read.wait(5)
    assert move(run, shown).people == 4
    moved.set()

    assert worker.wait() is runner.Next.REST
    go_on()
    assert texts(run) == ["New"] * 4


def test_two_who_move_the_same_people_move_them_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, others = seen(run), list[Elsewhere]()

    def come() -> None:
        if not others:
            others.append(Elsewhere(lambda: move(run, shown)))
            sleep(0.4)

    also(monkeypatch, moving, "_put", come)

    assert move(run, shown).people == 4
    with pytest.raises(moving.SeenAnotherWay):
        others[0].wait()
    assert run.interventions.count() == 1


def test_many_move_and_many_advance_and_everybody_gets_one_text(run: Run) -> None:
    shown = seen(run)
    workers = [Elsewhere(go_on) for _ in range(3)]
    mover = Elsewhere(lambda: move(run, shown))
    for each in workers:
        each.wait()
    try:
        people = mover.wait().people
    except moving.SeenAnotherWay:
        people = 0
    go_on()

    assert texts(run) == (["New"] if people else ["Old"]) * 4
    assert Verdict.objects.filter(run=run).count() == 8
