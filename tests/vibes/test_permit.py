"""How long a permission to send may be used (R5): whoever sleeps over it sends nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any

import pytest

from tests.people.make import person
from tests.vibes import make, owing
from tests.vibes.pretend import Simulator
from tests.vibes.test_sending import MISMATCHED, posts
from vibes import claiming, delivery, outbox, pump, sending
from vibes.client import Client
from vibes.models import Account, AcquisitionCampaign, OutboxRow, VibesList
from vibes.outbox import Order, Visit

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
PERMIT = 0.2


def sleepy(permit: Callable[..., list[OutboxRow]]) -> Callable[..., list[OutboxRow]]:
    """Granted at once by the database; whoever asked is frozen before it hears of it."""

    def granted_and_frozen(*args: Any, **kwargs: Any) -> list[OutboxRow]:
        rows = permit(*args, **kwargs)
        sleep(PERMIT * 1.5)
        return rows

    return granted_and_frozen


@pytest.fixture
def owed(account: Account) -> VibesList:
    offers = make.vibes_list(account, event_type="offers", sender_id="1")
    ana = person(mobile=make.ANA)
    make.subscription(offers, make.ANA)
    visit = Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=NOON)
    order = Order(ana.pk, ana.pk, ana.mobile, "Hi", 1)
    outbox.queue_texts([order], vibes_list=offers, visit=visit, message_name="Offer")
    return offers


def test_who_is_frozen_while_it_is_granted_gains_no_time(
    account: Account, owed: VibesList, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "PERMIT", PERMIT)
    monkeypatch.setattr(pump, "permit", sleepy(claiming.permit))

    delivery.deliver(account.pk, clock=lambda: NOON, budget=1)

    assert simulator.ledger() == []
    assert OutboxRow.objects.get().state == "ready"


def test_no_call_that_texts_somebody_begins_after_its_end(
    account: Account,
    offers: VibesList,
    offers_by_web: AcquisitionCampaign,
    simulator: Simulator,
    client_of_vibes: Client,
) -> None:
    offers.event_type = "offers"
    owing.texts(offers, make.ANA)
    owing.opt_ins(offers, offers_by_web, make.BEN)
    rows = OutboxRow.objects.select_related("vibes_list", "acquisition_campaign")

    answers = [sending.send(row, client_of_vibes, not_after=monotonic()) for row in rows]

    assert [each.state for each in answers] == ["ready", "ready"]
    assert simulator.requests() == []


def test_a_second_question_waits_for_a_permission_of_its_own(
    account: Account,
    offers_by_web: AcquisitionCampaign,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulator.members("5678", MISMATCHED)
    owing.opt_ins(offers_by_web.feeds.get(), offers_by_web, MISMATCHED)
    simulator.fault("delay", path="participants", seconds=PERMIT * 2, count=1)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(pump, "PERMIT", PERMIT)
        owing.deliver(account)
    first = posts(simulator)

    owing.deliver(account, NOON + timedelta(minutes=1))

    ours = ["external_person_id" in each for each in posts(simulator)]
    assert (len(first), ours) == (1, [True, False])
    assert owing.states() == {MISMATCHED: ("accepted", "")}
