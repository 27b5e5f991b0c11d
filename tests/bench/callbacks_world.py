"""What the callbacks bench tells: receipts of texts that were sent, and what forgers and bad networks send."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.bench import advance_world
from vibes.models import Account, OutboxRow

CLOCK = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
# What Vibes tells of one text, in the words of its samples.
STORY = [
    ("routing", "processing", "accepted_by_event_triggered_message"),
    ("carrier_dlr", "success", "carrier_delivered"),
    ("handset_dlr", "success", "handset_delivered"),
]
Call = tuple[str, str]
"""Path and body (in Latin-1, so that any bytes fit)."""


def texts(count: int, *, prefix: int) -> tuple[Account, list[str]]:
    """A run that sent about so many texts, all of them accepted; their event ids."""
    run = advance_world.world(count * 10 // 9 + 1, prefix=prefix)
    advance_world.run_through(run)
    rows = OutboxRow.objects.filter(run_id=run.pk)
    rows.update(state=OutboxRow.State.ACCEPTED, sending_at=CLOCK, settled_at=CLOCK)
    return Account.objects.get(), [str(each) for each in rows.values_list("event_id", flat=True)]


def receipts(ids: list[str]) -> Iterator[str]:
    """Three for each text, without end: after the last text they speak of the first again."""
    while True:
        for event_id in ids:
            for kind, status, reason in STORY:
                yield json.dumps(_receipt(event_id, kind, status, reason))


def _receipt(event_id: str, kind: str, status: str, reason: str) -> dict[str, Any]:
    event = {
        "event_id": event_id,
        "event_type": "rd_0a1b2c3d_sms_1234",
        "event_data": {"mdn": "+13125550142", "message_body": "Acme: 20% off today. STOP to end"},
        "debug_data": {"run_id": "17", "send_id": "918273"},
        "action": {
            "type": kind,
            "status": status,
            "status_reason": reason,
            "resource_url": "/companies/DEMO0001/mobiledb/event_triggered_messages/4711",
        },
    }
    return {
        "event_id": str(uuid4()),
        "callback_type": "event_processed",
        "event_type": "event_processed",
        "event_date": "2026-03-02T16:00:09Z",
        "event_processed": event,
    }


def mixed(count: int, ids: list[str], token: str, dice: random.Random) -> list[Call]:
    """So many calls: nine in ten are receipts, the tenth is forged, odd or not meant for us."""
    path, told = f"/vibes/callbacks/{token}/", receipts(ids)
    return [_odd(path, dice) if dice.random() < 0.1 else (path, next(told)) for _ in range(count)]


def _odd(path: str, dice: random.Random) -> Call:
    number = f"+1312{dice.randrange(2_000_000, 9_999_999)}"
    person = {"mobile_phone": {"mdn": number}}
    left = {"person": person, "subscription_list": {"id": "none of ours"}}
    forged = {
        "event_id": str(uuid4()),
        "callback_type": "subscription_removed",
        "subscription": left,
    }
    bodies = [
        json.dumps(forged),
        json.dumps(forged | {"callback_type": "subscription_added"}),
        json.dumps({"message": "Hi", "participant": {"mdn": number}, "event_id": str(uuid4())}),
        "[" * 5_000,
        '{"a":' * 40 + "1" + "}" * 40,
        '{"event_id": "\xff\xfe\x00',
        "",
        "x" * dice.choice([10, 1_000, 70_000]),
    ]
    return ("/vibes/callbacks/wrong/" if dice.random() < 0.1 else path, dice.choice(bodies))
