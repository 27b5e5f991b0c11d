"""Vibes API: event-triggered campaigns, and the events that trigger them."""

import re
from typing import Any
from uuid import uuid4

from django.http import HttpResponse

from vibes.simulator import events, senders, shapes
from vibes.simulator.calls import Call
from vibes.simulator.replies import NOT_FOUND, UNPROCESSABLE, Refusal, reply
from vibes.simulator.store import Row

EVENT_TYPE = re.compile(r"[A-Za-z0-9_-]+")
LARGEST_EVENT = 16 * 1024
IDENTIFIERS = ("mdn", "person_id", "person_key", "external_person_id", "vibes_device_id")
STATUSES = ("scheduled", "in_progress", "ended", "canceled")


def create_event(call: Call) -> HttpResponse:
    """202: taken. Whether a text follows is told by callbacks."""
    if len(call.request.body) > LARGEST_EVENT:
        raise Refusal(400, "The event is larger than 16 KB")
    event = call.json()
    if problems := _problems_of_event(event):
        raise Refusal(400, *problems)
    if event["event_data"].get("mdn"):
        call.mdn(event["event_data"]["mdn"])
    event["event_id"] = event.get("event_id") or str(uuid4())
    try:
        events.accept(call.db, event, now=call.now)
    except events.AlreadyUsed:
        raise Refusal(409, "The event_id was already used") from None
    return reply({"event_id": event["event_id"]}, 202)


def _problems_of_event(event: dict[str, Any]) -> list[str]:
    data, event_id = event.get("event_data"), event.get("event_id", "")
    found = []
    if not _is_event_type(event.get("event_type")):
        found.append("event_type is required: letters, digits, - and _")
    if not isinstance(data, dict) or not any(data.get(name) for name in IDENTIFIERS):
        found.append(f"event_data must name a person by one of {', '.join(IDENTIFIERS)}")
    if not isinstance(event_id, str) or len(event_id) > 128:
        found.append("event_id must be a string of at most 128 characters")
    if not isinstance(event.get("debug_data") or {}, dict):
        found.append("debug_data must be an object")
    return found


def list_senders(call: Call) -> HttpResponse:
    status = call.query("status")
    if status is not None and status not in STATUSES:
        raise Refusal(400, f"status must be one of {', '.join(STATUSES)}")
    found = senders.search(call.db, event_type=call.query("event_type"))
    bodies = [_body(call, sender) for sender in found]
    return reply([body for body in bodies if status in (None, body["status"])])


def create_sender(call: Call) -> HttpResponse:
    sender = senders.create(call.db, _checked_sender(call.json()), now=call.now)
    return reply(_body(call, sender), 202)


def get_sender(call: Call, sender_id: str) -> HttpResponse:
    return reply(_body(call, _the_sender(call, sender_id)))


def update_sender(call: Call, sender_id: str) -> HttpResponse:
    """Replace a campaign. What is cancelled stays so; what has started keeps its start date."""
    sender, asked = _the_sender(call, sender_id), _checked_sender(call.json())
    before = _body(call, sender)
    if before["status"] == "canceled":
        raise Refusal(422, "A canceled campaign cannot be changed", code=UNPROCESSABLE)
    moved = asked["start_date"][:10] != before["start_date"][:10]
    if before["status"] != "scheduled" and moved:
        raise Refusal(422, "start_date cannot change after the start", code=UNPROCESSABLE)
    return reply(_body(call, senders.update(call.db, sender, asked, now=call.now)))


def cancel_sender(call: Call, sender_id: str) -> HttpResponse:
    sender = senders.cancel(call.db, _the_sender(call, sender_id), now=call.now)
    return reply(_body(call, sender))


def _the_sender(call: Call, sender_id: str) -> Row:
    sender = senders.find(call.db, sender_id)
    if sender is None:
        raise Refusal(404, "No such event-triggered message", code=NOT_FOUND)
    return sender


def _body(call: Call, sender: Row) -> dict[str, Any]:
    return shapes.sender(sender, status=senders.status(sender, now=call.now))


def _checked_sender(asked: dict[str, Any]) -> dict[str, Any]:
    """Refuses with everything that is wrong at once."""
    found = []
    if not isinstance(asked.get("name"), str) or not asked["name"]:
        found.append("name is required")
    if not _is_event_type(asked.get("event_type")):
        found.append("event_type is required: letters, digits, - and _")
    if not senders.is_date(asked.get("start_date")):
        found.append("start_date is required: a date")
    if asked.get("end_date") is not None and not senders.is_date(asked["end_date"]):
        found.append("end_date must be a date")
    found += _problems_of_targeting(asked.get("targeting"))
    if found:
        raise Refusal(400, *found)
    return asked


def _problems_of_targeting(targeting: object) -> list[str]:
    if not isinstance(targeting, dict):
        return ["targeting is required"]
    found, sms, template = [], targeting.get("sms"), targeting.get("message_template")
    if not isinstance(template, str) or not template:
        found.append("targeting.message_template is required")
    if not isinstance(sms, dict) or not isinstance(sms.get("sourcecode"), str):
        found.append("targeting.sms.sourcecode is required")
    if targeting.get("channel", "sms") != "sms":
        found.append("targeting.channel must be sms")
    filters = targeting.get("filters") or []
    if not isinstance(filters, list) or not all(_is_filter(rule) for rule in filters):
        found.append("targeting.filters need name, selector (any or none) and a list of values")
    return found


def _is_filter(rule: object) -> bool:
    if not isinstance(rule, dict):
        return False
    named = isinstance(rule.get("name"), str) and isinstance(rule.get("value"), list)
    return named and rule.get("selector") in ("any", "none")


def _is_event_type(value: object) -> bool:
    return isinstance(value, str) and EVENT_TYPE.fullmatch(value) is not None
