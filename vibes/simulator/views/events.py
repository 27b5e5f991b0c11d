"""Vibes API: event-triggered campaigns, and the events that trigger them."""

from typing import Any
from uuid import uuid4

from django.http import HttpResponse

from vibes.simulator import bodies, events, senders, shapes
from vibes.simulator.calls import Call
from vibes.simulator.replies import NOT_FOUND, UNPROCESSABLE, Refusal, reply
from vibes.simulator.store import Row

LARGEST_EVENT = 16 * 1024
STATUSES = ("scheduled", "in_progress", "ended", "canceled")


def create_event(call: Call) -> HttpResponse:
    """202: taken. Whether a text follows is told by callbacks."""
    if len(call.request.body) > LARGEST_EVENT:
        raise Refusal(400, "The event is larger than 16 KB")
    event = call.asked(bodies.EVENT[call.version])
    event["event_id"] = event.get("event_id") or str(uuid4())
    try:
        events.accept(call.db, event, now=call.now)
    except events.AlreadyUsed:
        raise Refusal(409, "The event_id was already used") from None
    return reply({"event_id": event["event_id"]}, 202)


def list_senders(call: Call) -> HttpResponse:
    status = call.query("status")
    if status is not None and status not in STATUSES:
        raise Refusal(400, f"status must be one of {', '.join(STATUSES)}")
    found = senders.search(call.db, event_type=call.query("event_type"))
    bodies = [_body(call, sender) for sender in found]
    return reply([body for body in bodies if status in (None, body["status"])])


def create_sender(call: Call) -> HttpResponse:
    sender = senders.create(call.db, call.asked(bodies.SENDER), now=call.now)
    return reply(_body(call, sender), 202)


def get_sender(call: Call, sender_id: str) -> HttpResponse:
    return reply(_body(call, _the_sender(call, sender_id)))


def update_sender(call: Call, sender_id: str) -> HttpResponse:
    """Replace a campaign. What is cancelled stays so; what has started keeps its start date."""
    sender, asked = _the_sender(call, sender_id), call.asked(bodies.SENDER)
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
