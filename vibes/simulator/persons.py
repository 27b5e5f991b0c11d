"""People as Vibes knows them: one record per number *and* carrier."""

import json
from itertools import count
from typing import Any

from vibes.simulator import callback_bodies, callbacks, dice
from vibes.simulator.mdn import Trait, trait
from vibes.simulator.store import Db, Row

OTHER_CARRIER = "105"
KNOWN_FIELDS = frozenset(
    {"first_name", "last_name", "email", "city", "department", "birthdate", "gender"}
    | {"favorite_stores", "zip_code", "language"}
)


def by_key(db: Db, key: str) -> Row | None:
    """By ``person_key``, or by the deprecated ``person_id`` that Vibes accepts in its place."""
    found = db.one("SELECT * FROM persons WHERE person_key = ?", key)
    if found is None and key.isdecimal() and len(key) < 18:
        found = db.one("SELECT * FROM persons WHERE person_id = ?", int(key))
    return found


def by_external_id(db: Db, external_id: str | None) -> Row | None:
    """None is nobody's."""
    return db.one("SELECT * FROM persons WHERE external_id = ?", external_id)


def by_mdn(db: Db, mdn: str) -> list[Row]:
    """Newest first; two when the number changed carriers."""
    return db.all("SELECT * FROM persons WHERE mdn = ? ORDER BY person_id DESC", mdn)


def current(db: Db, mdn: str) -> Row | None:
    """The record of the number at the carrier it is with now."""
    carrier = db.value("SELECT carrier FROM handsets WHERE mdn = ?", mdn)
    people = by_mdn(db, mdn)
    if carrier is None:
        return people[0] if people else None
    return next((person for person in people if person["carrier"] == carrier), None)


def ensure(db: Db, mdn: str, *, now: float, details: dict[str, Any] | None = None) -> Row:
    """The person of the number; made, with these details, if Vibes never heard of it."""
    found = current(db, mdn)
    if found is not None:
        return found
    db.run("INSERT OR IGNORE INTO handsets (mdn) VALUES (?)", mdn)
    if trait(mdn) is Trait.PORTED and not by_mdn(db, mdn):
        _insert(db, mdn, OTHER_CARRIER, now=now)
    carrier = db.value("SELECT carrier FROM handsets WHERE mdn = ?", mdn)
    made = _write(db, _insert(db, mdn, carrier, now=now), details or {}, now=now)
    return _announced(db, "person_added", made, now=now)


def unknown_fields(fields: dict[str, Any]) -> list[str]:
    return sorted(fields.keys() - KNOWN_FIELDS)


def merge(db: Db, person: Row, changes: dict[str, Any], *, now: float) -> Row:
    """Apply what a request said of a person: fields merge, null deletes."""
    return _announced(db, "person_updated", _write(db, person, changes, now=now), now=now)


def _write(db: Db, person: Row, changes: dict[str, Any], *, now: float) -> Row:
    fields = json.loads(person["custom_fields"]) | (changes.get("custom_fields") or {})
    kept = {name: value for name, value in fields.items() if value is not None}
    external_id = changes.get("external_person_id", person["external_id"])
    gone = _drops_number(changes)
    db.run(
        "UPDATE persons SET custom_fields = ?, external_id = ?, mdn = ?, updated_at = ?"
        " WHERE person_key = ?",
        *(json.dumps(kept), external_id, None if gone else person["mdn"], now),
        person["person_key"],
    )
    if gone:
        _part(db, person["person_key"])
    return _reload(db, person["person_key"])


def _part(db: Db, person_key: str) -> None:
    """What the person joined and was asked stays theirs, and concerns the number no more."""
    db.run("UPDATE subscriptions SET mdn = NULL WHERE person_key = ?", person_key)
    db.run("UPDATE participations SET mdn = NULL WHERE person_key = ?", person_key)


def _drops_number(changes: dict[str, Any]) -> bool:
    if "mobile_phone" not in changes:
        return False
    phone = changes["mobile_phone"]
    return phone is None or ("mdn" in phone and phone["mdn"] is None)


def seed(db: Db) -> str:
    """What the keys of this world are made from."""
    return str(db.value("SELECT value FROM state WHERE key = 'seed'"))


def new_key(db: Db, seed: str, mdn: str, carrier: str) -> str:
    """The first key of the number at this carrier that nobody has."""
    keys = (dice.person_key(seed, mdn, carrier, earlier) for earlier in count())
    return next(key for key in keys if by_key(db, key) is None)


def _insert(db: Db, mdn: str, carrier: str, *, now: float) -> Row:
    key = new_key(db, seed(db), mdn, carrier)
    db.run(
        "INSERT INTO persons (person_key, mdn, carrier, custom_fields, created_at, updated_at)"
        " VALUES (?, ?, ?, '{}', ?, ?)",
        *(key, mdn, carrier, now, now),
    )
    return _reload(db, key)


def _reload(db: Db, key: str) -> Row:
    row = db.one("SELECT * FROM persons WHERE person_key = ?", key)
    if row is None:
        raise LookupError(key)
    return row


def _announced(db: Db, kind: str, person: Row, *, now: float) -> Row:
    body = callback_bodies.person(person)
    callbacks.emit(db, kind, body, about={}, mdn=person["mdn"], now=now)
    return person
