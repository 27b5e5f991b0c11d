"""Who is on which list. Every opt-in is a row of its own; an active one has no opt-out date."""

from collections.abc import Iterable

from vibes.simulator import callback_bodies, callbacks, jobs
from vibes.simulator.mdn import Trait, trait
from vibes.simulator.store import Db, Row

SLOW_ADDED_S = 2
"""How late ``subscription_added`` is reported for numbers whose STOP overtakes it."""
DISCONNECT_AFTER_S = 60


def active(db: Db, person_key: str, list_id: str) -> Row | None:
    return db.one(
        "SELECT * FROM subscriptions WHERE person_key = ? AND list_id = ? AND opt_out_at IS NULL",
        *(person_key, list_id),
    )


def active_of(db: Db, person_key: str) -> list[Row]:
    return db.all(
        "SELECT * FROM subscriptions WHERE person_key = ? AND opt_out_at IS NULL ORDER BY id DESC",
        person_key,
    )


def history(db: Db, person_key: str) -> list[Row]:
    return db.all("SELECT * FROM subscriptions WHERE person_key = ? ORDER BY id DESC", person_key)


def active_of_number(db: Db, mdn: str) -> list[Row]:
    return db.all("SELECT * FROM subscriptions WHERE mdn = ? AND opt_out_at IS NULL", mdn)


def is_member(db: Db, person_key: str, list_ids: Iterable[str]) -> bool:
    """Is the person on any of these lists?"""
    return any(active(db, person_key, list_id) for list_id in list_ids)


def subscribe(db: Db, person: Row, *, list_id: str, campaign_id: str, now: float) -> None:
    """Put the person on the list, unless they are on it, and tell whoever asked to know."""
    if active(db, person["person_key"], list_id):
        return
    row_id = db.run(
        "INSERT INTO subscriptions (person_key, mdn, list_id, campaign_id, opt_in_at)"
        " VALUES (?, ?, ?, ?, ?)",
        *(person["person_key"], person["mdn"], list_id, campaign_id, now),
    )
    db.note("handset", person["mdn"], list_id=list_id, membership="subscribed")
    slow = max(SLOW_ADDED_S, jobs.scaled(SLOW_ADDED_S))
    late = slow if trait(person["mdn"]) is Trait.YES_THEN_STOP else 0
    _announce(db, "subscription_added", row_id, person, now=now, after_s=late)
    if trait(person["mdn"]) is Trait.DISCONNECTS:
        due_at = now + jobs.scaled(DISCONNECT_AFTER_S)
        jobs.schedule(db, "disconnect", {"mdn": person["mdn"]}, due_at=due_at)


def end(db: Db, subscription: Row, person: Row, *, reason: str, now: float) -> None:
    db.run(
        "UPDATE subscriptions SET opt_out_at = ?, reason = ? WHERE id = ?",
        *(now, reason, subscription["id"]),
    )
    db.note("handset", person["mdn"], list_id=subscription["list_id"], membership="unsubscribed")
    _announce(db, "subscription_removed", subscription["id"], person, now=now)


def end_all(
    db: Db, mdn: str, *, reason: str, now: float, only: set[str] | None = None
) -> list[str]:
    """End the number's memberships, all or those ``only`` of these lists; the lists left."""
    left = []
    for row in active_of_number(db, mdn):
        person = db.one("SELECT * FROM persons WHERE person_key = ?", row["person_key"])
        if person is not None and (only is None or row["list_id"] in only):
            end(db, row, person, reason=reason, now=now)
            left.append(row["list_id"])
    return left


@jobs.does("disconnect")
def disconnect(db: Db, payload: dict[str, str], now: float) -> None:
    """The number leaves its carrier and is not ported: it is off every list."""
    db.run("UPDATE handsets SET disconnected = 1 WHERE mdn = ?", payload["mdn"])
    db.note("handset", payload["mdn"], disconnected=True)
    end_all(db, payload["mdn"], reason="disconnect", now=now)


def _announce(
    db: Db, kind: str, row_id: int, person: Row, *, now: float, after_s: float = 0
) -> None:
    row = db.one("SELECT * FROM subscriptions WHERE id = ?", row_id)
    if row is None:
        raise LookupError(row_id)
    body = callback_bodies.subscription(row, person)
    about = {"list_id": row["list_id"]}
    callbacks.emit(db, kind, body, about=about, mdn=person["mdn"], now=now, after_s=after_s)
