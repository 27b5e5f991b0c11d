"""Ranges of the outbox: whose turn is first, what a claim holds, and what becomes of one put back."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.vibes import make, owing
from tests.vibes.make import NOON
from vibes import delivery, outbox, ranges, settling, tasks
from vibes.models import Account, OutboxRange, OutboxRow, VibesList
from vibes.outbox import Visit
from vibes.sending import Answer

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SOON = NOON + timedelta(seconds=1)


@pytest.fixture
def offers(account: Account) -> VibesList:
    return make.vibes_list(account, event_type="rd_sms")


def claim(account: Account, limit: int = 1, *, only_urgent: bool = False) -> list[OutboxRow]:
    return delivery.claim(account, actions=["text"], limit=limit, now=NOON, only_urgent=only_urgent)


def visit(run_id: int, *, wave: int = 0) -> Visit:
    return Visit(campaign_id=1, run_id=run_id, step_id=3, wave=wave, now=NOON)


def states() -> list[str]:
    return list(OutboxRange.objects.order_by("pk").values_list("state", flat=True))


def test_many_are_owed_in_several_ranges(
    offers: VibesList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SIZE", 2)

    owing.texts(offers, *[f"+1312555{each:04d}" for each in range(2000, 2005)])

    assert list(OutboxRange.objects.order_by("pk").values_list("size", flat=True)) == [2, 2, 1]
    assert [each.rows.count() for each in OutboxRange.objects.order_by("pk")] == [2, 2, 1]


def test_what_somebody_set_off_goes_before_what_was_sent_to_many(
    account: Account, offers: VibesList
) -> None:
    owing.texts(offers, make.ANA, visit=visit(2))
    owing.texts(offers, make.BEN, visit=visit(3, wave=7))

    assert [row.mobile for row in claim(account)] == [make.BEN]


def test_only_what_is_urgent_is_claimed_where_that_is_asked(
    account: Account, offers: VibesList
) -> None:
    owing.texts(offers, make.ANA)

    assert claim(account, only_urgent=True) == []
    assert len(claim(account)) == 1


def test_a_claim_takes_as_many_small_ranges_as_it_needs(
    account: Account, offers: VibesList
) -> None:
    for run, mobile in enumerate((make.ANA, make.BEN, make.EVE), 2):
        owing.texts(offers, mobile, visit=visit(run))

    assert [row.mobile for row in claim(account, 2)] == [make.ANA, make.BEN]
    assert states() == ["claimed", "claimed", "ready"]


def test_a_range_whose_rows_are_over_is_done(account: Account, offers: VibesList) -> None:
    owing.texts(offers, make.ANA)
    rows = delivery.permit(claim(account), now=NOON)
    delivery.settle([(row, Answer("accepted")) for row in rows], now=NOON)

    ranges.put_back(ranges.leases(rows))

    assert states() == ["done"]


def test_a_range_waits_for_the_row_that_is_tried_again_first(
    account: Account, offers: VibesList
) -> None:
    owing.texts(offers, make.ANA, make.BEN)
    rows = delivery.permit(claim(account), now=NOON)
    again = Answer.again("429", counts=False)
    delivery.settle([(rows[0], again), (rows[1], Answer("accepted"))], now=NOON)

    ranges.put_back(ranges.leases(rows))

    kept = OutboxRange.objects.get()
    assert (kept.state, kept.not_before) == ("ready", SOON)
    assert claim(account) == []


def test_a_range_with_a_row_on_the_wire_is_not_put_back(
    account: Account, offers: VibesList
) -> None:
    owing.texts(offers, make.ANA)
    rows = delivery.permit(claim(account), now=NOON)

    ranges.put_back(ranges.leases(rows))

    assert states() == ["claimed"]


def test_who_was_silent_for_too_long_gives_back_nothing_of_anothers(
    account: Account, offers: VibesList
) -> None:
    owing.texts(offers, make.ANA)
    slow = claim(account)
    delivery.sweep(now=NOON + HOUR)
    delivery.claim(account, actions=["text"], limit=1, now=NOON + HOUR)

    ranges.put_back(ranges.leases(slow))

    assert states() == ["claimed"]


def test_who_was_frozen_and_claims_its_range_again_sends_what_it_had_in_hand_once(
    account: Account, offers: VibesList
) -> None:
    owing.texts(offers, make.ANA, make.BEN)
    before = claim(account)
    delivery.sweep(now=NOON + HOUR)
    again = claim(account)

    permitted = delivery.permit([*before, *again], now=NOON)

    assert permitted == again
    assert set(OutboxRow.objects.values_list("state", "attempts")) == {("sending", 1)}
    assert delivery.permit(before, now=NOON) == []


def test_a_renewed_lease_is_not_swept(account: Account, offers: VibesList) -> None:
    owing.texts(offers, make.ANA)
    rows = claim(account)

    ranges.renew(ranges.leases(rows), now=NOON + HOUR)

    assert delivery.sweep(now=NOON + HOUR) == 0


@pytest.fixture
def abandoned(offers: VibesList, monkeypatch: pytest.MonkeyPatch) -> None:
    """More small ranges than one sweep takes back, each held by somebody who died long ago."""
    monkeypatch.setattr(outbox, "SIZE", 1)
    owing.texts(offers, *[f"+1312555{each:04d}" for each in range(2000, 2045)])
    OutboxRange.objects.update(state="claimed", lease_until=NOON.replace(year=2001))


def test_all_that_the_dead_held_is_taken_back_at_once(abandoned: None) -> None:
    tasks._sweep_outbox()

    assert states() == ["ready"] * 45


def test_taking_back_ends_with_its_budget(abandoned: None) -> None:
    assert delivery.sweep_all(now=NOON, budget=0) == settling.SWEPT_AT_ONCE
    assert delivery.sweep_all(now=NOON) == 45 - settling.SWEPT_AT_ONCE


def test_a_claim_and_its_end_ask_as_often_for_many_as_for_two(
    account: Account, offers: VibesList, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for run, many in ((2, 2), (3, 60)):
        mobiles = [f"+1312555{run}{each:03d}" for each in range(many)]
        owing.texts(offers, *mobiles, visit=visit(run))
        with django_assert_num_queries(5):
            rows = claim(account)
        with django_assert_num_queries(9):
            permitted = delivery.permit(rows, now=NOON)
        with django_assert_num_queries(6):
            delivery.settle([(row, Answer("accepted")) for row in permitted], now=NOON)
        with django_assert_num_queries(6):
            ranges.put_back(ranges.leases(rows))


# --- A run as a whole -----------------------------------------------------------------------------


def test_nothing_of_a_held_run_is_claimed_until_it_is_released(
    account: Account, offers: VibesList
) -> None:
    owing.texts(offers, make.ANA)

    outbox.hold_run(2)
    assert claim(account) == []
    outbox.release_run(2)
    assert len(claim(account)) == 1


def test_what_is_in_hand_of_a_held_run_is_not_permitted(
    account: Account, offers: VibesList
) -> None:
    owing.texts(offers, make.ANA)
    rows = claim(account)

    outbox.hold_run(2)

    assert delivery.permit(rows, now=NOON) == []
    assert OutboxRow.objects.get().state == "ready"


def test_only_what_was_queued_before_a_moment_is_cancelled_where_one_is_given(
    offers: VibesList,
) -> None:
    owing.texts(offers, make.ANA, make.BEN)
    OutboxRow.objects.filter(mobile=make.BEN).update(queued_at=NOON + HOUR)

    assert outbox.cancel_run(2, reason="run-stopped", now=NOON, queued_before=SOON) == 1
    assert dict(OutboxRow.objects.values_list("mobile", "state")) == {
        make.ANA: "cancelled",
        make.BEN: "ready",
    }
    assert states() == ["ready"]


def test_an_answer_to_an_earlier_permission_settles_nothing(
    account: Account, offers: VibesList
) -> None:
    owing.ends(offers, make.ANA)
    late = delivery.claim(account, actions=["unsubscribe"], limit=1, now=NOON)
    late = delivery.permit(late, now=NOON)
    delivery.sweep(now=NOON + HOUR)
    again = delivery.claim(account, actions=["unsubscribe"], limit=1, now=NOON + HOUR)
    delivery.permit(again, now=NOON + HOUR)

    delivery.settle([(row, Answer("rejected", "refused-by-vibes")) for row in late], now=NOON)

    assert OutboxRow.objects.get().state == "sending"
