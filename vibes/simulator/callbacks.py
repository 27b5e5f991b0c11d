"""Who asked to be told what, and telling them: one row per callback owed.

``emit`` only writes rows; ``dispatcher`` delivers them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

from vibes.simulator import faults, mishaps
from vibes.simulator.clock import to_second
from vibes.simulator.mishaps import Delivery
from vibes.simulator.options import options
from vibes.simulator.store import Db, Row

TYPES = frozenset(
    {"ack_participant_added", "ack_participant_changed"}
    | {"company_participant_added", "company_participant_changed"}
    | {"event_processed", "person_added", "person_updated"}
    | {"subscription_added", "subscription_removed"}
    | {"subscription_list_added", "subscription_list_updated", "unmatched_message_received"}
)
SEND_SCOPES = frozenset({"all", "only_failures", "routing", "carrier_dlr", "handset_dlr"})
WITHOUT_TWIN = frozenset({"event_processed"})
"""Vibes' sample of this type has no deprecated ``event_type`` beside ``callback_type``."""


@dataclass(frozen=True)
class Owed:
    """One callback, before it is known to whom."""

    event_id: str
    callback_type: str
    body: str
    mdn: str | None
    now: float
    due_at: float


def emit(
    db: Db,
    callback_type: str,
    body: Mapping[str, Any],
    *,
    about: Mapping[str, str],
    mdn: str | None,
    now: float,
    after_s: float = 0,
) -> str | None:
    """Owe this to everyone registered for it; the callback's id, or None if nobody is.

    ``about`` holds what a registration's scope is compared with, such as ``list_id``;
    when it is empty, scopes do not matter.
    """
    concerned = [row for row in live(db, callback_type, now=now) if _concerns(row, about)]
    if not concerned:
        return None
    event_id = str(uuid4())
    whole = json.dumps(_envelope(event_id, callback_type, now) | dict(body))
    owed = Owed(event_id, callback_type, whole, mdn, now, now + after_s)
    db.has_new_callbacks = True
    for registration in concerned:
        _owe(db, owed, registration)
    return event_id


def live(db: Db, callback_type: str, *, now: float) -> list[Row]:
    """Registrations of a type that have begun and not ended."""
    return db.all(
        "SELECT * FROM registrations WHERE callback_type = ? AND start_at <= ?"
        " AND (end_at IS NULL OR end_at > ?)",
        *(callback_type, now, now),
    )


def allowed(url: str) -> bool:
    """Is the address on the allow list? The simulator calls nobody else."""
    bases = [base.rstrip("/") for base in options.callback_allow]
    return any(url == base or url.startswith(f"{base}/") for base in bases)


def redeliver(db: Db, callback_id: int, *, now: float) -> bool:
    """Queue a callback anew, whatever became of it; False if it is unknown or not allowed."""
    url = db.value("SELECT url FROM callbacks WHERE id = ?", callback_id)
    if url is None or not allowed(url):
        return False
    db.run(
        "UPDATE callbacks SET state = 'queued', attempts = 0, next_at = ?, done_at = NULL"
        " WHERE id = ?",
        *(now, callback_id),
    )
    db.has_new_callbacks = True
    return True


def prune(db: Db, *, newest: int) -> None:
    if newest % 1000 == 0:
        db.run(
            "DELETE FROM callbacks WHERE id < ? AND state NOT IN ('queued', 'sending')",
            newest - options.journal_keep,
        )


@lru_cache(maxsize=256)
def _parsed(text: str) -> dict[str, str]:
    """A registration's scope or destination, read once; not to be changed."""
    parsed: dict[str, str] = json.loads(text)
    return parsed


def _envelope(event_id: str, callback_type: str, now: float) -> dict[str, Any]:
    twin = {} if callback_type in WITHOUT_TWIN else {"event_type": callback_type}
    return {
        "event_id": event_id,
        "callback_type": callback_type,
        **twin,
        "event_date": to_second(now),
    }


def _concerns(registration: Row, about: Mapping[str, str]) -> bool:
    scope = _parsed(registration["scope"])
    wanted = scope.get("callbacks_to_send") or "all"
    same = (str(scope[key]).casefold() == about[key].casefold() for key in scope if key in about)
    return all(same) and _is_wanted(wanted, about)


def _is_wanted(wanted: str, about: Mapping[str, str]) -> bool:
    if not about:
        return True
    if wanted == "only_failures":
        return about.get("status") == "failed"
    return wanted in ("all", about.get("type"))


def _owe(db: Db, owed: Owed, registration: Row) -> None:
    destination = _parsed(registration["destination"])
    rule = faults.on_callback(owed.callback_type, owed.mdn)
    refused = None if allowed(destination["url"]) else "refused"
    plain = Delivery(_as_asked(owed, registration), owed.mdn, owed.due_at)
    for delivery in mishaps.befall(rule, plain):
        callback_id = db.run(
            "INSERT INTO callbacks (event_id, callback_type, registration_id, url, method,"
            " content_type, body, mdn, state, next_at, at, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(owed.event_id, owed.callback_type, registration["id"], destination["url"]),
            *(destination["method"], destination["content_type"], delivery.body, owed.mdn),
            *(refused or delivery.state or "queued", delivery.due_at, owed.now),
            rule.id if rule else None,
        )
        prune(db, newest=callback_id)


def release(db: Db, *, now: float) -> None:
    """Queue what a rule held, unless a rule still holds it."""
    if faults.book.holds_all() is None:
        db.run("UPDATE callbacks SET state = 'queued', next_at = ? WHERE state = 'held'", now)
        db.has_new_callbacks = True


def _as_asked(owed: Owed, registration: Row) -> str:
    """Registrations made without version 2 get numbers without a country code."""
    short = registration["version"] != 2
    return mishaps.with_short_number(owed.body, owed.mdn) if short else owed.body
