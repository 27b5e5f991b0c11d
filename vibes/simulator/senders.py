"""Event-triggered campaigns: what text an event becomes, and for whose eyes."""

import json
import re
from functools import lru_cache
from typing import Any

from vibes.simulator.clock import to_day
from vibes.simulator.store import Db, Row

VARIABLE = re.compile(r"\{\{\s*ev\.(\w+)\s*(?:\|\s*default:\s*(?:\"([^\"]*)\"|'([^']*)')\s*)?\}\}")
OTHER_LIQUID = re.compile(r"\{\{|\{%")


@lru_cache(maxsize=256)
def _asked(body: str) -> dict[str, Any]:
    """What was asked for, read once; not to be changed."""
    asked: dict[str, Any] = json.loads(body)
    return asked


def create(db: Db, asked: dict[str, Any], *, now: float) -> Row:
    sender_id = db.run(
        "INSERT INTO senders (event_type, body, created_at, updated_at) VALUES (?, ?, ?, ?)",
        *(asked["event_type"].casefold(), json.dumps(asked), now, now),
    )
    return _reload(db, sender_id)


def update(db: Db, sender: Row, asked: dict[str, Any], *, now: float) -> Row:
    db.run(
        "UPDATE senders SET event_type = ?, body = ?, updated_at = ? WHERE id = ?",
        *(asked["event_type"].casefold(), json.dumps(asked), now, sender["id"]),
    )
    return _reload(db, sender["id"])


def cancel(db: Db, sender: Row, *, now: float) -> Row:
    db.run("UPDATE senders SET canceled = 1, updated_at = ? WHERE id = ?", now, sender["id"])
    return _reload(db, sender["id"])


def find(db: Db, sender_id: str) -> Row | None:
    if not sender_id.isdecimal() or len(sender_id) > 18:
        return None
    return db.one("SELECT * FROM senders WHERE id = ?", int(sender_id))


def search(db: Db, *, event_type: str | None) -> list[Row]:
    if event_type is None:
        return db.all("SELECT * FROM senders ORDER BY id")
    return db.all("SELECT * FROM senders WHERE event_type = ? ORDER BY id", event_type.casefold())


def in_progress(db: Db, event_type: str, *, now: float) -> list[Row]:
    """Every one of these sends."""
    found = search(db, event_type=event_type)
    return [sender for sender in found if status(sender, now=now) == "in_progress"]


def status(sender: Row, *, now: float) -> str:
    """``scheduled``, ``in_progress``, ``ended`` or ``canceled``; days are UTC and inclusive."""
    asked = _asked(sender["body"])
    if sender["canceled"]:
        return "canceled"
    if asked.get("start_date") and asked["start_date"][:10] > to_day(now):
        return "scheduled"
    if asked.get("end_date") and asked["end_date"][:10] < to_day(now):
        return "ended"
    return "in_progress"


def lists_any(sender: Row) -> list[str] | None:
    """The lists whose members the sender texts; None when it is open to everyone."""
    return _lists(sender, "any")


def lists_none(sender: Row) -> list[str] | None:
    return _lists(sender, "none")


def source_code(sender: Row) -> str:
    return str(_asked(sender["body"])["targeting"]["sms"]["sourcecode"])


def render(sender: Row, event_data: dict[str, Any]) -> str | None:
    """The text, which is never rendered again.

    None if the template uses more of Liquid than ``ev.*`` and ``default:``, or nothing is left
    to say.
    """
    template = _asked(sender["body"])["targeting"]["message_template"]
    if OTHER_LIQUID.search(VARIABLE.sub(" ", template)):
        return None
    text = VARIABLE.sub(lambda found: _value(found, event_data), template)
    return text if text.strip() else None


def _value(found: re.Match[str], event_data: dict[str, Any]) -> str:
    """As Liquid has it: nothing, false and an empty string give way to the default, 0 does not."""
    value = event_data.get(found[1])
    is_empty = value is None or value is False or value == ""
    return (found[2] or found[3] or "") if is_empty else str(value)


def _lists(sender: Row, selector: str) -> list[str] | None:
    filters = _asked(sender["body"])["targeting"].get("filters") or []
    named = [rule for rule in filters if rule["name"] == "subscription"]
    chosen = [rule for rule in named if rule["selector"] == selector]
    return [str(value) for rule in chosen for value in rule["value"]] if chosen else None


def _reload(db: Db, sender_id: int) -> Row:
    row = db.one("SELECT * FROM senders WHERE id = ?", sender_id)
    if row is None:
        raise LookupError(sender_id)
    return row
