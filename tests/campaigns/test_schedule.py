"""Runs planned for a time: once, by what was published then, and never late without being asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns import launch, schedule, tasks, versions
from campaigns.models import Campaign, Run, Slot
from tests.campaigns import make
from vibes.models import VibesList

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
CHICAGO = "America/Chicago"
NINE = datetime(2026, 6, 2, 9, 0)  # noqa: DTZ001  # as somebody types it
DUE = datetime(2026, 6, 2, 14, 0, tzinfo=UTC)


@pytest.fixture
def campaign() -> Campaign:
    return make.ready_campaign()


@pytest.fixture
def slot(campaign: Campaign) -> Slot:
    return plan(campaign)


def plan(campaign: Campaign, local: datetime = NINE, **more: Any) -> Slot:
    values: dict[str, Any] = {"zone": CHICAGO, "by": make.user(), "now": NOON} | more
    return schedule.plan(campaign, local=local, **values)


def start_due(now: datetime) -> list[Run]:
    started = [schedule.start(slot_id, now=now) for slot_id in schedule.due(now=now)]
    return [run for run in started if run]


def state(slot: Slot) -> str:
    slot.refresh_from_db()
    return slot.state


def too_late(slot: Slot) -> Slot:
    start_due(DUE + timedelta(minutes=61))
    slot.refresh_from_db()
    return slot


# --- Planning -------------------------------------------------------------------------------------


def test_a_local_time_in_a_zone_is_one_instant(slot: Slot) -> None:
    assert (slot.scheduled_for, slot.zone, slot.asked_for) == (DUE, CHICAGO, "2026-06-02T09:00")
    assert (slot.state, slot.planned_by, slot.planned_at) == ("planned", make.user(), NOON)


def test_planning_publishes_the_draft_and_pins_it(campaign: Campaign, slot: Slot) -> None:
    make.step(campaign, make.wait())

    (run,) = start_due(DUE)

    assert (run.version, run.version.number) == (slot.version, 1)
    assert campaign.versions.count() == 1


def test_planned_again_for_the_same_time_it_is_the_same_slot_with_the_draft_of_now(
    campaign: Campaign, slot: Slot
) -> None:
    make.step(campaign, make.wait())

    again = plan(campaign)

    assert (again.pk, again.version.number, Slot.objects.count()) == (slot.pk, 2, 1)


def test_a_cancelled_time_can_be_planned_again(campaign: Campaign, slot: Slot) -> None:
    schedule.cancel(slot, by=make.user(), now=NOON)

    again = plan(campaign)

    assert (again.pk, again.state, again.decided_by) == (slot.pk, "planned", None)


@pytest.mark.parametrize(
    ("local", "words"),
    [
        (
            datetime(2026, 6, 1, 12, 0),  # noqa: DTZ001
            r"June 1, 2026, noon \(America/Chicago\) is past: it is June 1, 2026, noon",
        ),
        (datetime(2029, 6, 1, 12, 0), "more than two years away"),  # noqa: DTZ001
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(
    campaign: Campaign, local: datetime, words: str
) -> None:
    with pytest.raises(schedule.CannotPlan, match=words):
        plan(campaign, local)
    assert not Slot.objects.exists()
    assert not campaign.versions.exists()


def test_a_draft_that_cannot_run_is_not_planned() -> None:
    with pytest.raises(versions.NotReady, match="The flow is empty"):
        plan(make.campaign(filters=[make.in_city()]))
    assert not Slot.objects.exists()


def test_what_vibes_does_not_offer_any_more_is_not_planned(campaign: Campaign) -> None:
    VibesList.objects.update(gone_at=NOON)

    with pytest.raises(versions.NotReady):
        plan(campaign)
    assert not Slot.objects.exists()


# --- Starting -------------------------------------------------------------------------------------


def test_starts_when_it_is_due_and_not_before(slot: Slot) -> None:
    assert start_due(DUE - timedelta(seconds=1)) == []
    assert schedule.start(slot.pk, now=DUE - timedelta(seconds=1)) is None

    (run,) = start_due(DUE)

    slot.refresh_from_db()
    assert (slot.state, slot.run, run.started_by, run.started_at) == (
        "started",
        run,
        make.user(),
        DUE,
    )


def test_started_twice_it_is_one_run(slot: Slot) -> None:
    schedule.start(slot.pk, now=DUE)

    assert schedule.start(slot.pk, now=DUE) is None
    assert Run.objects.count() == 1


def test_the_start_token_of_a_slot_is_its_own(slot: Slot) -> None:
    (run,) = start_due(DUE)

    assert launch.start(slot.campaign, token=slot.token, by=None, now=DUE) == run


def test_a_cancelled_slot_starts_nothing(slot: Slot) -> None:
    schedule.cancel(slot, by=make.user(), now=NOON)

    assert start_due(DUE) == []
    assert (state(slot), slot.decided_by, slot.decided_at) == ("cancelled", make.user(), NOON)


def test_a_slot_that_has_started_cannot_be_cancelled(slot: Slot) -> None:
    start_due(DUE)

    with pytest.raises(schedule.AlreadyDecided, match="now “Started”"):
        schedule.cancel(slot, by=make.user(), now=DUE)


# --- Late, or in the way --------------------------------------------------------------------------


def test_within_the_grace_it_starts_and_after_it_asks(slot: Slot) -> None:
    assert start_due(DUE + timedelta(minutes=61)) == []
    assert (state(slot), Run.objects.count()) == ("missed", 0)


def test_a_little_late_it_starts(slot: Slot) -> None:
    assert len(start_due(DUE + timedelta(minutes=60))) == 1


def test_the_grace_is_a_setting(slot: Slot) -> None:
    schedule.GRACE.set(5)

    assert start_due(DUE + timedelta(minutes=6)) == []
    assert state(slot) == "missed"


def test_a_missed_slot_starts_once_somebody_confirms_it(slot: Slot) -> None:
    late = DUE + timedelta(hours=2)
    ben = make.user("ben")

    run = schedule.confirm_missed(too_late(slot), by=ben, now=late)
    again = schedule.confirm_missed(slot, by=ben, now=late)

    assert (run, run.started_by, run.version) == (again, ben, slot.version)
    assert (state(slot), slot.decided_by, slot.decided_at) == ("started", ben, late)
    assert Run.objects.count() == 1


def test_a_missed_slot_that_is_skipped_starts_nothing(slot: Slot) -> None:
    schedule.skip_missed(too_late(slot), by=make.user(), now=DUE)

    with pytest.raises(schedule.AlreadyDecided, match="now “Skipped”"):
        schedule.confirm_missed(slot, by=make.user(), now=DUE)
    assert (state(slot), Run.objects.count()) == ("skipped", 0)


def test_a_slot_still_planned_is_neither_confirmed_nor_skipped(slot: Slot) -> None:
    for decide in (schedule.confirm_missed, schedule.skip_missed):
        with pytest.raises(schedule.AlreadyDecided, match="now “Planned”"):
            decide(slot, by=make.user(), now=NOON)
    assert (state(slot), Run.objects.count()) == ("planned", 0)


def test_what_stands_in_the_way_when_it_is_due_is_kept_and_can_be_mended(slot: Slot) -> None:
    VibesList.objects.update(gone_at=NOON)

    assert start_due(DUE) == []
    assert (state(slot), Run.objects.count()) == ("refused", 0)
    assert slot.why.startswith("1. Send SMS Message: ")

    with pytest.raises(versions.NotReady):
        schedule.confirm_missed(slot, by=make.user(), now=DUE)
    assert state(slot) == "refused"

    VibesList.objects.update(gone_at=None)
    assert schedule.confirm_missed(slot, by=make.user(), now=DUE).version == slot.version
    assert (state(slot), slot.why) == ("started", "")


def test_one_slot_in_trouble_holds_up_no_other(campaign: Campaign, slot: Slot) -> None:
    VibesList.objects.update(gone_at=NOON)
    other = plan(make.campaign(filters=[make.in_city()], steps=[make.wait()], name="Other"))

    assert [run.slot for run in start_due(DUE)] == [other]


def test_a_tick_rings_for_what_is_due_and_the_run_is_prepared(
    slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[int] = []
    monkeypatch.setattr(tasks.start_slot, "delay_on_commit", tasks.start_slot)
    monkeypatch.setattr(
        tasks.prepare_run, "delay_on_commit", lambda *, run_id: prepared.append(run_id)
    )
    Slot.objects.update(scheduled_for=timezone.now() - timedelta(seconds=1))

    tasks.tick()

    # Rung for when it was started, and found by the tick besides.
    assert set(prepared) == {Run.objects.get().pk}


def test_says_which_run_was_missed(slot: Slot) -> None:
    assert schedule.words(too_late(slot)) == (
        "“Send to Chicago” missed its run of June 2, 2026, 9 a.m. (America/Chicago). "
        "Nothing is sent until you decide."
    )
