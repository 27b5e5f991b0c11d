"""Whatever the order, and however often each is told, callbacks of one story end in the same state."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people.models import Activity
from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, NOON
from tests.vibes.pretend import Simulator
from tests.vibes.test_callbacks import NOW, participant, subscription, tell
from vibes import callbacks, intake, outbox
from vibes.models import Account, OutboxRow, Subscription, VibesList

SEARCH = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Body = dict[str, Any]
# What may happen to somebody, and what Vibes tells of it. At the end they are a member, or not.


def _told(act: str, second: int) -> list[Body]:
    at = NOON + timedelta(seconds=second)
    match act:
        case "asked":
            return [participant("PENDING", at=at)]
        case "joined":
            return [participant("CONFIRMED", at=at), subscription("added", at=at)]
        case "declined":
            return [participant("REJECTED", at=at)]
        case "left":
            return [subscription("removed", at=at, opt_out_reason="button_opt_out")]
        case "stopped":
            return [subscription("removed", at=at, opt_out_reason="user_opt_out")]
    return [subscription("removed", at=at, opt_out_reason="api_opt_out")]


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Body], bool]:
    """What Vibes tells of one person's way, as it happened, and whether it ends in membership."""
    is_member, told = False, list[Body]()
    for place in range(draw(st.integers(1, 5))):
        fits = ["left", "stopped", "removed"] if is_member else ["asked", "joined", "declined"]
        act = draw(st.sampled_from(fits))
        is_member = (
            act == "joined" if act in ("joined", "left", "stopped", "removed") else is_member
        )
        told += _told(act, 7 * place)
    return told, is_member


def _shuffled(draw: st.DataObject, told: list[Body]) -> list[Body]:
    again = draw.draw(st.lists(st.sampled_from(told), max_size=3))
    return draw.draw(st.permutations([*told, *again]))


def _mislabelled(draw: st.DataObject, body: Body) -> Body:
    """As in Vibes' own sample: what changed is called what was added."""
    is_participant = "participant" in body and draw.draw(st.booleans())
    return body | ({"callback_type": "ack_participant_added"} if is_participant else {})


@pytest.mark.usefixtures("offers_by_web")
def test_every_order_of_a_story_ends_as_it_did(account: Account, simulator: Simulator) -> None:
    Account.objects.update(calls_per_second=1_000_000)

    @SEARCH
    @given(story=stories(), draw=st.data())
    def check(story: tuple[list[Body], bool], draw: st.DataObject) -> None:
        told, is_member = story
        simulator.members("1234", ANA, state="subscribed" if is_member else "unsubscribed")
        ends = []
        for order in (told, _shuffled(draw, [_mislabelled(draw, each) for each in told])):
            with _thrown_away():
                tell(account, *order, now=NOW)
                ends.append(_state())
        assert ends[0] == ends[1]
        assert (ends[1] == "subscribed") == is_member

    check()


def _state() -> str:
    return Subscription.objects.values_list("state", flat=True).first() or "never"


@pytest.mark.usefixtures("offers_by_web")
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_yes_in_the_second_of_its_question_outlives_an_older_stop(
    account: Account, offers: VibesList, simulator: Simulator, order: tuple[int, ...]
) -> None:
    make.vibes_list(account, vibes_id="5678", name="Service alerts")
    simulator.members("1234", ANA)
    now = simulator.now()
    at, before = now - timedelta(days=1), now - timedelta(days=90)
    stop = subscription("removed", at=before, subscription_list={"id": "5678"})
    told = [stop, participant("PENDING", at=at), participant("CONFIRMED", at=at)]

    tell(account, *[told[each] for each in order], now=now)

    assert Subscription.objects.get(vibes_list=offers).state == "subscribed"


class _thrown_away:  # noqa: N801  # reads as what it does
    """One try in a transaction of its own that the client takes for the test's."""

    def __enter__(self) -> None:
        self.block = transaction.atomic()
        self.block._from_testcase = True  # type: ignore[attr-defined]
        self.block.__enter__()

    def __exit__(self, *error: object) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


# --- Receipts -------------------------------------------------------------------------------------

SAID = [
    ("routing", "processing", "accepted"),
    ("sms", "queued", ""),
    ("carrier_dlr", "success", ""),
    ("carrier_dlr", "failed", "carrier_busy"),
    ("routing", "failed", "no_incentive_codes"),
    ("routing", "failed", "duplicate_event_id"),
    ("handset_dlr", "failed", ""),
    ("handset_dlr", "success", ""),
    ("handset_dlr", "pondering", ""),
]


@pytest.mark.parametrize("state", ["sending", "unknown", "accepted"])
def test_every_order_of_receipts_ends_the_same(offers: VibesList, state: str) -> None:
    ana = people.person(mobile=ANA)
    visit = outbox.Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=NOON)
    order = outbox.Order(ana.pk, ana.pk, ANA, "Hi", 1)
    outbox.queue_texts([order], vibes_list=offers, visit=visit, message_name="Offer")
    OutboxRow.objects.update(state=state, sending_at=NOON)

    @SEARCH
    @given(told=st.lists(st.sampled_from(SAID), min_size=1, max_size=6), draw=st.data())
    def check(told: list[tuple[str, str, str]], draw: st.DataObject) -> None:
        ends = [_end(told, together=True), _end(draw.draw(st.permutations(told)), together=False)]
        assert ends[0] == ends[1]

    check()


def _end(told: list[tuple[str, str, str]], *, together: bool) -> tuple[str, int]:
    """Where the text stands after these, and how often its history says that it was sent."""
    with _thrown_away():
        row = OutboxRow.objects.get()
        for each in told:
            _receive(row, *each)
            if not together:
                callbacks.apply_receipts(NOW)
        callbacks.apply_receipts(NOW)
        row.refresh_from_db()
        return row.state, Activity.objects.filter(kind="send_sms").count()


def _receive(row: OutboxRow, kind: str, status: str, reason: str) -> None:
    action = {"type": kind, "status": status, "status_reason": reason}
    event = {"event_id": str(row.event_id), "action": action}
    body = {"event_id": uuid4().hex, "callback_type": "event_processed", "event_processed": event}
    intake.store(row.account_id, json.dumps(body).encode(), NOW)
