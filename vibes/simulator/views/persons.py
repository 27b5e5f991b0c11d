"""Vibes API: people and their subscriptions."""

from typing import Any

from django.http import HttpResponse

from vibes.simulator import bodies, persons, shapes, subscriptions
from vibes.simulator.calls import Call
from vibes.simulator.options import options
from vibes.simulator.replies import (
    MISMATCH,
    NOT_FOUND,
    UNKNOWN_FIELD,
    Refusal,
    nothing,
    reply,
)
from vibes.simulator.store import Row


def find_person(call: Call) -> HttpResponse:
    """By number. One record comes as an object or an array, by option; several as an array."""
    found = persons.by_mdn(call.db, call.mdn(call.query("mdn")))
    if not found:
        raise Refusal(404, "No such person", code=NOT_FOUND)
    bodies = [shapes.person(row) for row in found]
    return reply(bodies if options.person_search == "array" or len(bodies) > 1 else bodies[0])


def add_person(call: Call) -> HttpResponse:
    """Insert or merge by number: 201 new, 200 known."""
    asked = known_fields(call.asked(bodies.PERSON[call.version]))
    mdn = call.mdn((asked.get("mobile_phone") or {}).get("mdn"))
    known = persons.current(call.db, mdn)
    check_external_id(call, known, asked, status=409)
    if known is not None:
        return reply(shapes.person(persons.merge(call.db, known, asked, now=call.now)))
    made = persons.ensure(call.db, mdn, now=call.now, details=asked)
    return reply(shapes.person(made), 201)


def get_person(call: Call, **who: str) -> HttpResponse:
    return reply(shapes.person(the_person(call, **who)))


def update_person(call: Call, **who: str) -> HttpResponse:
    """Merge into a person; a number can be removed, never changed."""
    person = the_person(call, **who)
    asked = known_fields(call.asked(bodies.PERSON[call.version]))
    mdn = (asked.get("mobile_phone") or {}).get("mdn")
    if mdn is not None and call.mdn(mdn) != person["mdn"]:
        raise Refusal(409, "The mobile number of a person cannot be changed")
    check_external_id(call, person, asked, status=409)
    return reply(shapes.person(persons.merge(call.db, person, asked, now=call.now)))


def list_subscriptions(call: Call, **who: str) -> HttpResponse:
    person = the_person(call, **who)
    wanted = (call.query("active_only") or "true").casefold()
    if wanted not in ("true", "false"):
        raise Refusal(400, "active_only must be true or false")
    read = subscriptions.history if wanted == "false" else subscriptions.active_of
    return reply([shapes.subscription(row) for row in read(call.db, person["person_key"])])


def get_subscription(call: Call, list_id: str, **who: str) -> HttpResponse:
    row = _the_subscription(call, the_person(call, **who), list_id)
    body = shapes.subscription(row)
    return reply([body] if options.subscription_status == "array" else body)


def end_subscription(call: Call, list_id: str, **who: str) -> HttpResponse:
    """Take the person off the list: 204, or 404 when they were not on it."""
    person = the_person(call, **who)
    row = _the_subscription(call, person, list_id)
    subscriptions.end(call.db, row, person, reason="api_opt_out", now=call.now)
    return nothing()


def _the_subscription(call: Call, person: Row, list_id: str) -> Row:
    row = subscriptions.active(call.db, person["person_key"], list_id)
    if row is None:
        raise Refusal(404, "The person is not subscribed to this list", code=NOT_FOUND)
    return row


def the_person(call: Call, *, person_key: str = "", external_id: str = "") -> Row:
    if person_key:
        found = persons.by_key(call.db, person_key)
    else:
        found = persons.by_external_id(call.db, external_id)
    if found is None:
        raise Refusal(404, "No such person", code=NOT_FOUND)
    return found


def check_external_id(
    call: Call, person: Row | None, asked: dict[str, Any], *, status: int
) -> None:
    """An external id belongs to one person, and a person keeps theirs; None is somebody new."""
    external_id = asked.get("external_person_id")
    if external_id is None:
        return
    owner = persons.by_external_id(call.db, external_id)
    mine = person["external_id"] if person is not None else None
    if mine not in (None, external_id) or (owner is not None and mine != external_id):
        raise Refusal(status, "EXTERNALPERSONIDMISMATCH", code=MISMATCH)


def known_fields(asked: dict[str, Any]) -> dict[str, Any]:
    """Refuses custom fields Vibes does not know: they must be made there first."""
    if unknown := persons.unknown_fields(asked.get("custom_fields", {})):
        raise Refusal(422, *(f"Unknown custom field: {n}" for n in unknown), code=UNKNOWN_FIELD)
    return asked
