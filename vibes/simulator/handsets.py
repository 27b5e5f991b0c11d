"""The phones: what they are, what was said on them, what their owners do by habit."""

import json
from typing import Any

from vibes.simulator import catalogue, parts
from vibes.simulator.clock import to_millisecond
from vibes.simulator.jobs import scaled, schedule
from vibes.simulator.mdn import Trait, trait
from vibes.simulator.store import Db, Row

LINE_TYPES = ("mobile", "landline", "voip")
CARRIERS = ("104", "105")
QUESTIONS = frozenset({"question"})
MARKETING = frozenset({"question", "welcome", "event"})
BABBLE = "purple monkey dishwasher"


def ensure(db: Db, mdn: str) -> Row:
    db.run("INSERT OR IGNORE INTO handsets (mdn) VALUES (?)", mdn)
    row = find(db, mdn)
    if row is None:
        raise LookupError(mdn)
    return row


def find(db: Db, mdn: str) -> Row | None:
    return db.one("SELECT * FROM handsets WHERE mdn = ?", mdn)


def can_be_texted(handset: Row | None, mdn: str) -> bool:
    """Would a carrier know the number as one that takes texts?"""
    if trait(mdn) is Trait.LANDLINE:
        return False
    return handset is None or (handset["line_type"] != "landline" and not handset["disconnected"])


def deliver(
    db: Db,
    mdn: str,
    text: str,
    *,
    kind: str,
    code: str,
    now: float,
    event_id: str | None = None,
    campaign: str | None = None,
) -> str:
    """A text reaches the phone, or waits for it to be switched on; its state."""
    handset = ensure(db, mdn)
    state = "delivered" if handset["powered"] else "waiting"
    message_id = db.run(
        "INSERT INTO messages (mdn, direction, kind, text, source_code, at, event_id, campaign,"
        " state) VALUES (?, 'in', ?, ?, ?, ?, ?, ?, ?)",
        *(mdn, kind, text, code, now, event_id, campaign, state),
    )
    db.run("UPDATE handsets SET last_message = ? WHERE mdn = ?", message_id, mdn)
    db.note("message.in", mdn, id=message_id, kind=kind, text=text, source_code=code, state=state)
    if state == "delivered":
        react(db, handset, kind=kind, code=code, now=now)
    return state


def switch_off(db: Db, mdn: str) -> None:
    """From now on texts wait at the carrier."""
    db.run("UPDATE handsets SET powered = 0 WHERE mdn = ?", mdn)
    db.note("handset", mdn, powered=False)


def port(db: Db, mdn: str, carrier: str | None = None) -> None:
    """Take the number to another carrier: its next opt-in makes a second person at Vibes."""
    before = ensure(db, mdn)["carrier"]
    after = carrier or next(code for code in CARRIERS if code != before)
    db.run("UPDATE handsets SET carrier = ?, disconnected = 0 WHERE mdn = ?", after, mdn)
    db.note("handset", mdn, carrier=after)


def switch_on(db: Db, mdn: str, *, now: float) -> None:
    """What waited at the carrier arrives, and its receipts follow."""
    handset = ensure(db, mdn)
    db.run("UPDATE handsets SET powered = 1 WHERE mdn = ?", mdn)
    db.note("handset", mdn, powered=True)
    waiting = db.all("SELECT * FROM messages WHERE mdn = ? AND state = 'waiting' ORDER BY id", mdn)
    db.run("UPDATE messages SET state = 'delivered' WHERE mdn = ? AND state = 'waiting'", mdn)
    for message in waiting:
        about = {name: message[name] for name in ("id", "kind", "text", "source_code")}
        db.note("message.in", mdn, **about, state="delivered")
        react(db, handset, kind=message["kind"], code=message["source_code"], now=now)
        _acknowledge(db, message, now=now)


def _acknowledge(db: Db, message: Row, *, now: float) -> None:
    seq = db.value("SELECT min(seq) FROM events WHERE event_id = ?", message["event_id"])
    if seq is not None:
        sender = int(message["campaign"].removeprefix("sender:"))
        receipt = {"seq": seq, "mdn": message["mdn"], "sender": sender}
        schedule(db, "acknowledge", receipt, due_at=now)


def write(db: Db, mdn: str, text: str, *, code: str, now: float) -> int:
    """The owner sends a text; the message's id."""
    ensure(db, mdn)
    message_id = db.run(
        "INSERT INTO messages (mdn, direction, kind, text, source_code, at, state)"
        " VALUES (?, 'out', 'reply', ?, ?, ?, 'sent')",
        *(mdn, text, code, now),
    )
    db.run("UPDATE handsets SET last_message = ?, disconnected = 0 WHERE mdn = ?", message_id, mdn)
    db.note("message.out", mdn, id=message_id, text=text, source_code=code)
    return message_id


def last_code(db: Db, mdn: str) -> str:
    """The code the phone last spoke with; the main one if it never did."""
    code: str | None = db.value(
        "SELECT source_code FROM messages WHERE mdn = ? ORDER BY id DESC LIMIT 1", mdn
    )
    return code or catalogue.default_code(db)


def messages(db: Db, mdn: str, *, after: int = 0, limit: int = 1000) -> list[Row]:
    """Oldest first; the latest ``limit`` of them."""
    latest = db.all(
        "SELECT * FROM messages WHERE mdn = ? AND id > ? ORDER BY id DESC LIMIT ?",
        *(mdn, after, limit),
    )
    return latest[::-1]


def describe_message(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "direction": row["direction"],
        "kind": row["kind"],
        "text": row["text"],
        "source_code": row["source_code"],
        "at": to_millisecond(row["at"]),
        "event_id": row["event_id"],
        "campaign": row["campaign"],
        "state": row["state"],
        "parts": parts.count(row["text"]),
        "encoding": parts.encoding(row["text"]),
    }


def react(db: Db, handset: Row, *, kind: str, code: str, now: float) -> None:
    """Plan what the owner will answer to a text of this kind."""
    for text, delay_s in _answers(handset, kind):
        payload = {"mdn": handset["mdn"], "text": text, "code": code}
        schedule(db, "reply", payload, due_at=now + scaled(delay_s))


def _answers(handset: Row, kind: str) -> list[tuple[str, float]]:
    """(text, seconds later), by the set auto-reply or else by the number's ending."""
    if handset["auto_reply"] and kind in MARKETING:
        habit = json.loads(handset["auto_reply"])
        return [(habit["text"], float(habit.get("after_s", 3)))]
    return _HABITS.get((trait(handset["mdn"]), kind in QUESTIONS, kind in MARKETING), [])


_HABITS: dict[tuple[Trait, bool, bool], list[tuple[str, float]]] = {
    (Trait.SAYS_YES, True, True): [("Y", 3)],
    (Trait.SAYS_NO, True, True): [("N", 3)],
    (Trait.SAYS_STOP, True, True): [("STOP", 3)],
    (Trait.SAYS_STOP, False, True): [("STOP", 3)],
    (Trait.BABBLES, True, True): [(BABBLE, 3)],
    (Trait.DOUBLE_YES, True, True): [("Y", 3), ("Y", 3.05)],
    (Trait.YES_THEN_STOP, True, True): [("Y", 3), ("STOP", 3.5)],
    (Trait.DISCONNECTS, True, True): [("Y", 3)],
}
