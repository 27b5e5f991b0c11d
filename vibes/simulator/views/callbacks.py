"""Vibes API: who is told what. Registrations, and a test callback."""

import json
from uuid import uuid4

from django.http import HttpResponse

from vibes.simulator import bodies, callbacks, shapes
from vibes.simulator.calls import Call
from vibes.simulator.clock import parse
from vibes.simulator.replies import ALREADY, NOT_FOUND, Refusal, reply
from vibes.simulator.store import Row
from vibes.simulator.views import samples

COLUMNS = "callback_type, scope, destination, version, start_at, end_at"


def list_registrations(call: Call) -> HttpResponse:
    """All of them; those that ended carry an ``end_date`` in the past."""
    rows = call.db.all("SELECT * FROM registrations ORDER BY created_at, id")
    return reply([shapes.registration(row) for row in rows])


def register(call: Call) -> HttpResponse:
    values = _checked(call)
    _refuse_twin(call, values, besides="")
    registration_id = uuid4().hex[:8].upper()
    call.db.run(
        f"INSERT INTO registrations ({COLUMNS}, id, created_at, updated_at)"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(*values, registration_id, call.now, call.now),
    )
    return reply(shapes.registration(_the_registration(call, registration_id)), 201)


def get_registration(call: Call, registration_id: str) -> HttpResponse:
    return reply(shapes.registration(_the_registration(call, registration_id)))


def update_registration(call: Call, registration_id: str) -> HttpResponse:
    _the_registration(call, registration_id)
    values = _checked(call)
    _refuse_twin(call, values, besides=registration_id)
    call.db.run(
        f"UPDATE registrations SET ({COLUMNS}, updated_at) = (?, ?, ?, ?, ?, ?, ?) WHERE id = ?",  # noqa: S608
        *(*values, call.now, registration_id),
    )
    return reply(shapes.registration(_the_registration(call, registration_id)))


def cancel_registration(call: Call, registration_id: str) -> HttpResponse:
    """End it now; it stays readable."""
    _the_registration(call, registration_id)
    call.db.run(
        "UPDATE registrations SET end_at = ?, updated_at = ? WHERE id = ?",
        *(call.now, call.now, registration_id),
    )
    return reply(shapes.registration(_the_registration(call, registration_id)))


def send_test(call: Call) -> HttpResponse:
    """Send a made-up body, with what the caller replaced, to every registration of the type."""
    asked = call.asked(bodies.TRIAL)
    kind = asked["callback_type"]
    body = samples.body(kind, asked)
    event_id = callbacks.emit(call.db, kind, body, about={}, mdn=samples.MDN, now=call.now)
    if event_id is None:
        raise Refusal(404, f"No active callback of type {kind}", code=NOT_FOUND)
    return reply({"message": f"Test callback of type {kind} queued", "event_id": event_id}, 201)


def _the_registration(call: Call, registration_id: str) -> Row:
    row = call.db.one("SELECT * FROM registrations WHERE id = ?", registration_id)
    if row is None:
        raise Refusal(404, "No such callback", code=NOT_FOUND)
    return row


def _checked(call: Call) -> tuple[object, ...]:
    """The row a request asks for, in the order of ``COLUMNS``; refuses a bad one."""
    asked = call.asked(bodies.REGISTRATION)
    kind, destination = asked["callback_type"], asked["destination"]
    whole = {"method": "POST", "content_type": "application/json"} | destination
    start, end = asked.get("start_date"), asked.get("end_date")
    scope = json.dumps(asked.get(kind) or {}, sort_keys=True)
    return (
        *(kind, scope, json.dumps(whole, sort_keys=True), call.version),
        *(parse(start) if start else call.now, parse(end) if end else None),
    )


def _refuse_twin(call: Call, values: tuple[object, ...], *, besides: str) -> None:
    """One live registration per type, scope and destination."""
    twin = call.db.one(
        "SELECT id FROM registrations WHERE callback_type = ? AND scope = ? AND destination = ?"
        " AND (end_at IS NULL OR end_at > ?) AND id != ?",
        *(*values[:3], call.now, besides),
    )
    if twin is not None:
        raise Refusal(409, f"Already registered as {twin['id']}", code=ALREADY)
