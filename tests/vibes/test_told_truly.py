"""What is written down is what is known: through which campaign, since when, and of which number."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.people import make as people
from tests.vibes import make
from tests.vibes.make import ANA, NOON
from tests.vibes.pretend import Simulator
from tests.vibes.test_callbacks import NOW, participant, subscription, tell
from vibes import callbacks, drifts, intake, outbox, standing
from vibes.client import Client, Retryable, answers, wire
from vibes.models import (
    Account,
    AcquisitionCampaign,
    ConsentEntry,
    EventOutcome,
    Number,
    OutboxRow,
    Subscription,
    Sweep,
    UnrecognisedReceipt,
    VibesList,
)

State = Subscription.State
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("offers_by_web")


def test_who_comes_back_by_an_unknown_way_is_not_said_to_have_read_the_old_question(
    account: Account, offers_by_web: AcquisitionCampaign, simulator: Simulator
) -> None:
    AcquisitionCampaign.objects.update(wording="Reply Y to join")
    simulator.members("1234", ANA)
    tell(account, participant("CONFIRMED", at=NOON))
    tell(account, subscription("removed", at=NOON + 10 * SECOND, opt_out_reason="api_opt_out"))
    tell(account, subscription("added", at=NOON + 20 * SECOND))

    first, _, again = ConsentEntry.objects.order_by("pk")
    assert (first.acquisition_campaign, first.wording) == ("Offers by web", "Reply Y to join")
    assert (again.became, again.acquisition_campaign, again.wording) == ("subscribed", "", "")


@pytest.mark.parametrize(
    "ended", [{"opt_out_date": "yesterday"}, {"opt_out_reason": "keyword_opt_out"}]
)
def test_a_record_that_ended_nobody_can_say_when_is_no_membership(ended: dict[str, str]) -> None:
    body = {"subscription_list": {"id": "1"}, "opt_in_date": "2026-01-01T00:00:00Z"}
    with pytest.raises(ValueError, match="ended"):
        answers.subscription(body | ended)


# --- The number -----------------------------------------------------------------------------------


def test_a_late_disconnect_bars_no_number_that_opted_in_since(
    account: Account, simulator: Simulator
) -> None:
    make.subscription(make.vibes_list(account, vibes_id="5678"), told_at=NOON - 60 * SECOND)
    simulator.members("1234", ANA)
    tell(account, subscription("added", at=NOON + 60 * SECOND))

    other = {"id": "5678"}
    gone = subscription("removed", opt_out_reason="disconnect", subscription_list=other)
    tell(account, gone)

    assert Number.objects.get().line == Number.Line.UNKNOWN


@pytest.mark.parametrize(
    ("back_at", "line"), [(None, Number.Line.DISCONNECTED), (NOON + SECOND, Number.Line.UNKNOWN)]
)
def test_a_disconnect_first_heard_of_in_a_sweep_bars_the_number(
    account: Account, offers: VibesList, back_at: datetime | None, line: str
) -> None:
    found = {"1234": standing.OnList(State.UNSUBSCRIBED, NOON, "disconnect")}
    if back_at:
        found["5678"] = standing.OnList(State.SUBSCRIBED, back_at)
    sweep = Sweep.objects.create(account=account, started_at=NOW)

    said = [standing.Standing(ANA, found)]
    drifts.learn(sweep, said, [offers], before={}, asked_at=NOW, now=NOW)

    assert Number.objects.get().line == line


# --- Receipts -------------------------------------------------------------------------------------


@pytest.fixture
def text(offers: VibesList) -> OutboxRow:
    ana = people.person(mobile=ANA)
    visit = outbox.Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=NOON)
    order = outbox.Order(ana.pk, ana.pk, ANA, "Hi", 1)
    outbox.queue_texts([order], vibes_list=offers, visit=visit, message_name="Offer")
    OutboxRow.objects.update(state="accepted", sending_at=NOON)
    return OutboxRow.objects.get()


def receive(text: OutboxRow, event_id: str, **action: str) -> None:
    event = {"event_id": str(text.event_id), "action": action}
    body: dict[str, Any] = {"callback_type": "event_processed", "event_processed": event}
    intake.store(text.account_id, json.dumps(body | {"event_id": event_id}).encode(), NOW)


def test_words_that_read_alike_are_not_applied_again_for_each_other(text: OutboxRow) -> None:
    receive(text, "1", type="a b", status="c")
    receive(text, "2", type="a", status="b c")
    callbacks.apply_receipts(NOW)
    EventOutcome.objects.create(type="a", status="b c", meaning="nothing")

    tries = 0
    while callbacks.try_again() and tries < 5:
        callbacks.apply_receipts(NOW)
        tries += 1

    assert tries == 1
    assert UnrecognisedReceipt.objects.get().count == 1


def test_what_is_understood_late_was_so_when_it_was_told(text: OutboxRow) -> None:
    receive(text, "1", type="line", status="failed", status_reason="a landline")
    callbacks.apply_receipts(NOW)
    EventOutcome.objects.create(type="line", status="failed", meaning="not-mobile")
    callbacks.try_again()
    callbacks.apply_receipts(NOW + timedelta(days=9))

    assert ConsentEntry.objects.get(became="landline").told_at == NOW


# --- Five seconds (P3) ----------------------------------------------------------------------------


def test_a_text_does_not_leave_after_its_permission_however_slow_it_was_to_connect(
    account: Account, text: OutboxRow, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, connect = [time.monotonic()], wire.Watched.connect

    def slowly(connection: wire.Watched) -> None:
        connect(connection)
        clock[0] += 60

    monkeypatch.setattr(wire.Watched, "connect", slowly)
    monkeypatch.setattr("vibes.client.wire.time.monotonic", lambda: clock[0])
    with Client(account, slots=1) as client, wire.not_after(clock[0] + 5), pytest.raises(Retryable):
        client.send_event(text.event_id, "offers", ANA, "Hi", debug={})

    assert [each for each in simulator.requests() if each["path"].endswith("events")] == []
