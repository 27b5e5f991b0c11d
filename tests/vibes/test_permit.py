"""How long a permission to send may be used (R5): whoever sleeps over it sends nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import sleep
from typing import Any

import pytest

from tests.people.make import person
from tests.vibes import make
from tests.vibes.pretend import Simulator
from vibes import claiming, delivery, outbox, pump
from vibes.models import Account, OutboxRow, VibesList
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
