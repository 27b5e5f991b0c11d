"""Controls for tests and demonstrations: settings, clock, faults, seeding, journals."""

import re
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse

from vibes.simulator import (
    addresses,
    callbacks,
    engine,
    events,
    faults,
    fixtures,
    journal,
    memberships,
    scenarios,
    world,
)
from vibes.simulator import options as settings
from vibes.simulator.calls import Call
from vibes.simulator.clock import clock, to_millisecond
from vibes.simulator.limits import door
from vibes.simulator.replies import NOT_FOUND, Refusal, nothing, reply
from vibes.simulator.rules import (
    amount,
    array,
    number,
    number_or_text,
    one_of,
    or_null,
    table,
    text,
)

STATES = ("subscribed", "pending", "declined", "unsubscribed")
NUMBER, ID = number(2), number_or_text()
LIST = table("id", "name", id=ID, name=text())
CAMPAIGN = table("id", "description", "list_id", id=text(), description=text(), list_id=ID)
PLACE = table("mdn", "list_id", "state", mdn=NUMBER, list_id=ID, state=one_of(*STATES))
WORLD = table(
    lists=or_null(array(LIST)),
    campaigns=or_null(array(CAMPAIGN)),
    handsets=or_null(array(table("mdn", mdn=NUMBER))),
    memberships=or_null(array(PLACE)),
)
MOST = 100_000
CENTURY_S = 100 * 365 * 86400
"""So far ahead the clock can be moved in all."""


def get_settings(call: Call) -> HttpResponse:
    return reply(asdict(settings.options))


def put_settings(call: Call) -> HttpResponse:
    """Change those given; all of them come back."""
    changes = call.json()
    if problems := settings.complaints(changes):
        raise Refusal(400, *problems)
    settings.change(changes)
    return get_settings(call)


def get_clock(call: Call) -> HttpResponse:
    """The simulator's time, and what is still to be done."""
    now = {"now": to_millisecond(clock.now()), "offset": clock.offset}
    backlog = engine.backlog(call.db)
    idle = not (backlog["due_jobs"] or backlog["callbacks"])
    return reply(now | {"idle": idle, "backlog": backlog})


def advance_clock(call: Call) -> HttpResponse:
    """Move time forward; what falls due has happened when this answers."""
    seconds = call.asked(table("seconds", seconds=amount(most=CENTURY_S - clock.offset)))["seconds"]
    jobs = engine.advance(seconds)
    return reply({"now": to_millisecond(clock.now()), "offset": clock.offset, "jobs": jobs})


def reset(call: Call) -> HttpResponse:
    """A known state; what is not said is as the process was started."""
    said = call.json() if call.request.body else {}
    asked = {"fixture": fixtures.AT_START, "seed": fixtures.SEED} | said
    fixture, seed = asked["fixture"], asked["seed"]
    if fixture not in fixtures.FIXTURES:
        raise Refusal(400, f"fixture must be one of {', '.join(fixtures.FIXTURES)}")
    if not isinstance(seed, int):
        raise Refusal(400, "seed must be a whole number")
    fixtures.reset(call.db, fixture=fixture, seed=seed)
    return reply({"fixture": fixture, "seed": seed})


def list_scenarios(call: Call) -> HttpResponse:
    """All of them, and the one in force; null once the rules were changed by hand."""
    return reply({"scenarios": scenarios.described(), "in_force": faults.book.scenario})


def play_scenario(call: Call) -> HttpResponse:
    """Its rules take the place of all that were."""
    name = call.json().get("name")
    if not isinstance(name, str) or name not in scenarios.SCENARIOS:
        raise Refusal(400, f"name must be one of {', '.join(scenarios.SCENARIOS)}")
    scenarios.play(name)
    callbacks.release(call.db, now=call.now)
    return reply({"in_force": name, "faults": faults.book.described()})


def list_addresses(call: Call) -> HttpResponse:
    """Where callbacks go: failures in a row, whether it is taken for down, and what is owed."""
    return reply({"addresses": addresses.described(call.db, now=call.now)})


def put_world(call: Call) -> HttpResponse:
    """Seed by the thousand. ``reset`` first forgets numbers and traffic, not lists and senders."""
    asked = call.asked(WORLD)
    if asked.get("reset"):
        world.forget(call.db, world.PEOPLE + world.TRAFFIC)
    handsets, members = asked.get("handsets") or [], asked.get("memberships") or []
    world.add_lists(call.db, asked.get("lists") or [])
    world.add_campaigns(call.db, asked.get("campaigns") or [], now=call.now)
    world.add_handsets(call.db, handsets)
    announce = bool(asked.get("callbacks"))
    count = memberships.seed(call.db, members, now=call.now, announce=announce)
    return reply({"handsets": len(handsets), "memberships": count})


def list_memberships(call: Call) -> HttpResponse:
    """The simulator's truth: where every number stands with every list."""
    found = memberships.standing(call.db, list_id=call.query("list_id"), mdn=call.query("mdn"))
    return reply({"memberships": found})


def list_requests(call: Call) -> HttpResponse:
    found = journal.requests(
        call.db,
        since=call.number("since", 0),
        path=call.query("path") or "",
        limit=min(MOST, call.number("limit", 1000)),
    )
    return reply({"requests": found, "last": _last(found, "id", call)})


def get_door(call: Call) -> HttpResponse:
    """How many calls of the Vibes API are inside: come in, and not answered yet."""
    return reply(door.inside())


def list_ledger(call: Call) -> HttpResponse:
    """Every accepted event, in order."""
    limit = min(MOST, call.number("limit", 1000))
    found = events.ledger(call.db, since=call.number("since", 0), limit=limit)
    total = events.count(call.db)
    return reply({"events": found, "last": _last(found, "seq", call), "total": total})


def list_callbacks(call: Call) -> HttpResponse:
    found = journal.callbacks(
        call.db,
        since=call.number("since", 0),
        callback_type=call.query("callback_type") or "",
        state=call.query("state") or "",
        limit=min(MOST, call.number("limit", 1000)),
    )
    return reply({"callbacks": found, "last": _last(found, "id", call)})


def redeliver_callback(call: Call, callback_id: str) -> HttpResponse:
    if not callbacks.redeliver(call.db, _number(callback_id), now=call.now):
        raise Refusal(404, "No such callback, or its address is not allowed", code=NOT_FOUND)
    return reply({"id": _number(callback_id), "state": "queued"}, 202)


def list_faults(call: Call) -> HttpResponse:
    return reply({"faults": faults.book.described()})


def add_fault(call: Call) -> HttpResponse:
    try:
        rule = faults.book.add(call.json())
    except ValueError as problems:
        raise Refusal(400, *problems.args) from None
    return reply(asdict(rule), 201)


def clear_faults(call: Call) -> HttpResponse:
    faults.book.clear()
    callbacks.release(call.db, now=call.now)
    return nothing()


def remove_fault(call: Call, fault_id: str) -> HttpResponse:
    if not faults.book.remove(_number(fault_id)):
        raise Refusal(404, "No such rule", code=NOT_FOUND)
    callbacks.release(call.db, now=call.now)
    return nothing()


def _last(found: list[dict[str, Any]], name: str, call: Call) -> int:
    """What to pass as ``since`` next time."""
    return int(found[-1][name]) if found else call.number("since", 0)


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,17}", text) else 0
