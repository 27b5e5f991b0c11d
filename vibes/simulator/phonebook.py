"""The list beside the phone: who there is, what was said last, what was not yet read."""

import json
from typing import Any

from vibes.simulator import nicknames
from vibes.simulator.clock import to_millisecond
from vibes.simulator.mdn import Trait, spoken, trait
from vibes.simulator.store import Db, Row

LISTED = """
SELECT h.*, m.text AS last_text, m.at AS last_at, m.direction AS last_direction,
       m.state AS last_state,
       (SELECT count(*) FROM messages u WHERE u.mdn = h.mdn AND u.id > coalesce(r.last_read, 0)
        AND u.direction = 'in' AND u.state != 'waiting') AS unread
FROM handsets h LEFT JOIN messages m ON m.id = h.last_message LEFT JOIN readings r ON r.mdn = h.mdn
WHERE instr(h.mdn, ?) ORDER BY h.last_message DESC, h.mdn LIMIT ?
"""


def entries(db: Db, digits: str, *, limit: int) -> list[dict[str, Any]]:
    """Phones whose number contains these digits; those that talked last come first."""
    return [_entry(db, row) for row in db.all(LISTED, digits, limit)]


def identity(db: Db, mdn: str) -> dict[str, Any]:
    """How a phone is named and shown: by its person where Vibes knows a name, else by nickname."""
    nickname = nicknames.of(mdn)
    name = _name_at_vibes(db, mdn) or nickname.name
    habit = trait(mdn)
    return {
        "mdn": mdn,
        "spoken": spoken(mdn),
        "name": name,
        "initial": name[0].upper(),
        "colour": nickname.colour,
        "behaviour": "" if habit is Trait.ORDINARY else habit.value,
    }


def mark_read(db: Db, mdn: str) -> None:
    """Somebody looks at the phone: what has arrived on it is read."""
    newly_read = db.count(
        "INSERT INTO readings (mdn, last_read) SELECT mdn, max(id) FROM messages"
        " WHERE mdn = ? AND direction = 'in' AND state != 'waiting' GROUP BY mdn"
        " ON CONFLICT (mdn) DO UPDATE SET last_read = excluded.last_read"
        " WHERE excluded.last_read > last_read",
        mdn,
    )
    if newly_read:
        db.note("handset", mdn, read=True)


def _entry(db: Db, row: Row) -> dict[str, Any]:
    at = row["last_at"]
    seen = dict(row) | identity(db, row["mdn"])
    return seen | {"last_at": to_millisecond(at) if at else ""}


def _name_at_vibes(db: Db, mdn: str) -> str:
    known = db.value(
        "SELECT custom_fields FROM persons WHERE mdn = ? ORDER BY person_id DESC LIMIT 1", mdn
    )
    fields = json.loads(known or "{}")
    names = (fields.get("first_name"), fields.get("last_name"))
    return " ".join(str(name) for name in names if name).strip()
