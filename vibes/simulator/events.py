"""Events as they come in. The ledger of accepted events is what tests judge by."""

import json
from typing import Any

from vibes.simulator import dice, jobs
from vibes.simulator.clock import to_millisecond
from vibes.simulator.options import options
from vibes.simulator.store import Db, Row

ROUTING_S = (0.05, 0.2)
"""From the 202 to the routing callback."""


class AlreadyUsed(Exception):
    """The event id was used before, and the simulator was told to refuse that."""


def accept(db: Db, event: dict[str, Any], *, now: float) -> int:
    """Enter the event in the ledger and send it on its way; its number in the ledger."""
    duplicate = _is_known(db, event["event_id"])
    if duplicate and options.event_id_reuse == "reject409":
        raise AlreadyUsed(event["event_id"])
    data = event["event_data"]
    seq = db.run(
        "INSERT INTO events (event_id, event_type, mdn, text, event_data, debug_data, at,"
        " duplicate) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(event["event_id"], event["event_type"], data.get("mdn"), _text(data)),
        *(json.dumps(data), json.dumps(event.get("debug_data") or {}), now, duplicate),
    )
    if not (duplicate and options.event_id_reuse == "drop_silently"):
        due_at = now + jobs.scaled(dice.between(ROUTING_S))
        jobs.schedule(db, "route", {"seq": seq}, due_at=due_at)
    return seq


def find(db: Db, seq: int) -> Row:
    row = db.one("SELECT * FROM events WHERE seq = ?", seq)
    if row is None:
        raise LookupError(seq)
    return row


def ledger(db: Db, *, since: int, limit: int) -> list[dict[str, Any]]:
    """Accepted events after ``since``, oldest first."""
    rows = db.all("SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?", since, limit)
    return [_entry(row) for row in rows]


def count(db: Db) -> int:
    return int(db.value("SELECT count(*) FROM events"))


def _text(data: dict[str, Any]) -> str | None:
    """What the client meant to say, in the field of its own templates."""
    said = data.get("message_body")
    return said if isinstance(said, str) else None


def _is_known(db: Db, event_id: str) -> bool:
    return db.one("SELECT 1 FROM events WHERE event_id = ? LIMIT 1", event_id) is not None


def _entry(row: Row) -> dict[str, Any]:
    return {
        "seq": row["seq"],
        "event_id": row["event_id"],
        "event_type": row["event_type"],
        "mdn": row["mdn"],
        "text": row["text"],
        "debug_data": json.loads(row["debug_data"]),
        "duplicate": bool(row["duplicate"]),
        "at": to_millisecond(row["at"]),
    }
