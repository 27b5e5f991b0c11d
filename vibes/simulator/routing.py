"""The way of an event: routing, queue, carrier, handset. Each stage is reported by a callback."""

import json
from typing import Any

from vibes.simulator import (
    callback_bodies,
    callbacks,
    dice,
    events,
    handsets,
    jobs,
    persons,
    senders,
    shapes,
    subscriptions,
)
from vibes.simulator.mdn import Trait, trait
from vibes.simulator.options import options
from vibes.simulator.store import Db, Row

CARRIER_S = (0.3, 2.0)
HANDSET_S = (1.0, 8.0)


@jobs.does("route")
def route(db: Db, payload: dict[str, Any], now: float) -> None:
    """Decide, for every campaign of the event's type, whether it texts the person."""
    event = events.find(db, payload["seq"])
    if event["duplicate"]:
        return _report(db, event, None, "routing", "failed", "duplicate_event_id", now=now)
    found = senders.in_progress(db, event["event_type"], now=now)
    if not found:
        return _report(db, event, None, "routing", "failed", "no_route_rules", now=now)
    for sender in found:
        _route_through(db, event, sender, now=now)
    return None


def _route_through(db: Db, event: Row, sender: Row, *, now: float) -> None:
    data = json.loads(event["event_data"])
    people, text = _people(db, data), senders.render(sender, data)
    refusal = _refusal(db, sender, people) or ("unexpected_error" if text is None else None)
    if refusal:
        return _report(db, event, sender["id"], "routing", "failed", refusal, now=now)
    accepted = "accepted_by_event_triggered_message"
    _report(db, event, sender["id"], "routing", "processing", accepted, now=now)
    _report(db, event, sender["id"], "sms", "queued", "sms_message_queued", now=now)
    job = {"seq": event["seq"], "mdn": people[0]["mdn"], "text": text, "sender": sender["id"]}
    jobs.schedule(db, "carry", job, due_at=now + jobs.scaled(dice.between(CARRIER_S)))
    return None


def _people(db: Db, data: dict[str, Any]) -> list[Row]:
    """Everyone the event may mean: one number can have two records."""
    if data.get("mdn"):
        return persons.by_mdn(db, data["mdn"])
    key = data.get("person_key") or data.get("person_id")
    if key:
        found = persons.by_key(db, str(key))
    else:
        found = persons.by_external_id(db, data.get("external_person_id"))
    return [found] if found is not None else []


def _refusal(db: Db, sender: Row, people: list[Row]) -> str | None:
    """Why the campaign will not text them; None if it will."""
    if not people:
        return "person_not_found"
    required, excluded = senders.lists_any(sender), senders.lists_none(sender)
    keys = [person["person_key"] for person in people]
    if required is not None and not any(subscriptions.is_member(db, k, required) for k in keys):
        return "person_not_subscribed"
    if excluded is not None and any(subscriptions.is_member(db, k, excluded) for k in keys):
        return "person_not_subscribed"
    mdn = people[0]["mdn"]
    if mdn is None or not handsets.can_be_texted(handsets.find(db, mdn), mdn):
        return "carrier_not_supported"
    return None


@jobs.does("carry")
def carry(db: Db, payload: dict[str, Any], now: float) -> None:
    """The carrier takes the text to the phone, or refuses it."""
    event, sender_id = events.find(db, payload["seq"]), payload["sender"]
    failure = _carrier_failure(db, event, payload["mdn"])
    if failure:
        return _report(db, event, sender_id, "carrier_dlr", "failed", failure, now=now)
    state = _hand_over(db, event, payload, now=now)
    _report(db, event, sender_id, "carrier_dlr", "success", "carrier_delivered", now=now)
    if state == "delivered":
        later = now + jobs.scaled(dice.between(HANDSET_S))
        jobs.schedule(db, "acknowledge", payload, due_at=later)
    return None


def _hand_over(db: Db, event: Row, payload: dict[str, Any], *, now: float) -> str:
    sender = senders.find(db, str(payload["sender"]))
    if sender is None:
        raise LookupError(payload["sender"])
    return handsets.deliver(
        *(db, payload["mdn"], payload["text"]),
        kind="event",
        code=senders.source_code(sender),
        now=now,
        event_id=event["event_id"],
        campaign=f"sender:{sender['id']}",
    )


def _carrier_failure(db: Db, event: Row, mdn: str) -> str | None:
    kind = trait(mdn)
    if kind is Trait.CARRIER_REJECTS:
        return "carrier_rejected"
    if kind is Trait.CARRIER_FAILS_ONCE and _is_first(db, event):
        return "carrier_temporary_failure"
    handset = handsets.find(db, mdn)
    return "carrier_rejected" if handset is not None and handset["disconnected"] else None


def _is_first(db: Db, event: Row) -> bool:
    first = db.value("SELECT min(seq) FROM events WHERE mdn = ?", event["mdn"])
    return bool(first == event["seq"])


@jobs.does("acknowledge")
def acknowledge(db: Db, payload: dict[str, Any], now: float) -> None:
    """The phone reports the text, reports trouble, or says nothing."""
    event, kind = events.find(db, payload["seq"]), trait(payload["mdn"])
    if kind is Trait.NO_RECEIPT or dice.chance(options.receipt_loss):
        return None
    if kind is Trait.RECEIPT_FAILS:
        outcome = ("failed", "handset_undelivered")
    else:
        outcome = ("success", "handset_delivered")
    return _report(db, event, payload["sender"], "handset_dlr", *outcome, now=now)


def _report(
    db: Db,
    event: Row,
    sender_id: int | None,
    stage: str,
    status: str,
    reason: str,
    *,
    now: float,
) -> None:
    where = f"/{sender_id}" if sender_id else ""
    action = {"type": stage, "status": status, "status_reason": reason}
    if status == "failed" and stage.endswith("_dlr"):
        action["error_code"] = "107"
    action["resource_url"] = shapes.url(f"mobiledb/event_triggered_messages{where}")
    body = callback_bodies.event(event, action=action)
    about = {"event_type": event["event_type"], "type": stage, "status": status}
    callbacks.emit(db, "event_processed", body, about=about, mdn=event["mdn"], now=now)
