"""Control of single phones: what is on them, what they send, what they are."""

import json
from typing import Any

from django.http import HttpResponse

from vibes.simulator import handsets, inbound, memberships, subscriptions
from vibes.simulator.calls import Call
from vibes.simulator.mdn import E164, trait
from vibes.simulator.replies import NOT_FOUND, Refusal, reply
from vibes.simulator.rules import or_null, table, text
from vibes.simulator.store import Row

CHANGEABLE = ("line_type", "carrier", "powered", "blocked", "auto_reply")
SAID = table("text", text=text(least=1, words="a string, not empty"), source_code=or_null(text()))


def list_handsets(call: Call) -> HttpResponse:
    """Those that talked last come first; ``q`` narrows by digits."""
    digits = "".join(sign for sign in call.query("q") or "" if sign.isdigit())
    rows = call.db.all(
        "SELECT * FROM handsets WHERE instr(mdn, ?) ORDER BY last_message DESC, mdn LIMIT ?",
        *(digits, call.number("limit", 1000)),
    )
    return reply({"handsets": [_describe(row) for row in rows]})


def get_handset(call: Call, mdn: str) -> HttpResponse:
    row = _the_handset(call, mdn)
    standing = memberships.standing(call.db, mdn=mdn)
    return reply(_describe(row) | {"memberships": standing})


def patch_handset(call: Call, mdn: str) -> HttpResponse:
    """Change any of ``CHANGEABLE``; unknown phones are made."""
    before, asked = handsets.ensure(call.db, _number(mdn)), call.json()
    if problems := _problems(asked):
        raise Refusal(400, *problems)
    values = dict(before) | _columns(asked)
    columns = ", ".join(f"{name} = ?" for name in CHANGEABLE)
    call.db.run(
        f"UPDATE handsets SET {columns} WHERE mdn = ?",  # noqa: S608 - the names above
        *(values[name] for name in CHANGEABLE),
        mdn,
    )
    call.db.note("handset", mdn, **asked)
    if asked.get("powered") and not before["powered"]:
        handsets.switch_on(call.db, mdn, now=call.now)
    return get_handset(call, mdn)


def list_messages(call: Call, mdn: str) -> HttpResponse:
    """Oldest first."""
    rows = handsets.messages(
        *(call.db, mdn), after=call.number("since", 0), limit=call.number("limit", 1000)
    )
    return reply({"messages": [handsets.describe_message(row) for row in rows]})


def send_message(call: Call, mdn: str) -> HttpResponse:
    """The phone sends a text; what it was taken for, and what followed at once."""
    asked = call.asked(SAID)
    return reply(receive(call, _number(mdn), asked["text"], code=asked.get("source_code")), 201)


def receive(call: Call, mdn: str, text: str, *, code: str | None) -> dict[str, Any]:
    latest = int(call.db.value("SELECT coalesce(max(id), 0) FROM messages"))
    earlier = int(call.db.value("SELECT coalesce(max(id), 0) FROM callbacks"))
    code = code or handsets.last_code(call.db, mdn)
    matched = inbound.receive(call.db, mdn, text, code=code, now=call.now)
    followed = [handsets.describe_message(m) for m in handsets.messages(call.db, mdn, after=latest)]
    return {
        "matched": matched,
        "source_code": code,
        "message": next(m for m in followed if m["direction"] == "out"),
        "replies": [m for m in followed if m["direction"] == "in"],
        "callbacks": _callbacks_after(call, earlier),
    }


def disconnect(call: Call, mdn: str) -> HttpResponse:
    """The number is given up and not ported: off every list."""
    _the_handset(call, mdn)
    subscriptions.disconnect(call.db, {"mdn": mdn}, call.now)
    return get_handset(call, mdn)


def port(call: Call, mdn: str) -> HttpResponse:
    """The number moves, with ``carrier`` or without: its next opt-in makes a second person."""
    asked = call.json() if call.request.body else {}
    if not isinstance(asked.get("carrier", ""), str):
        raise Refusal(400, "carrier must be a text")
    handsets.port(call.db, _number(mdn), asked.get("carrier"))
    return get_handset(call, mdn)


def _callbacks_after(call: Call, callback_id: int) -> list[dict[str, Any]]:
    rows = call.db.all(
        "SELECT id, event_id, callback_type, url, state FROM callbacks WHERE id > ? ORDER BY id",
        callback_id,
    )
    return [dict(row) for row in rows]


def _describe(row: Row) -> dict[str, Any]:
    return {
        "mdn": row["mdn"],
        "line_type": row["line_type"],
        "carrier": row["carrier"],
        "powered": bool(row["powered"]),
        "disconnected": bool(row["disconnected"]),
        "blocked": bool(row["blocked"]),
        "auto_reply": json.loads(row["auto_reply"]) if row["auto_reply"] else None,
        "behaviour": trait(row["mdn"]).value,
        "last_message": row["last_message"],
    }


def _problems(asked: dict[str, Any]) -> list[str]:
    found = [f"{name} cannot be changed" for name in asked if name not in CHANGEABLE]
    switches = [name for name in ("powered", "blocked") if name in asked]
    found += [f"{each} must be true or false" for each in switches if asked[each] not in (0, 1)]
    if not isinstance(asked.get("carrier", ""), str):
        found.append("carrier must be a text")
    if asked.get("line_type", "mobile") not in handsets.LINE_TYPES:
        found.append(f"line_type must be one of {', '.join(handsets.LINE_TYPES)}")
    habit = asked.get("auto_reply")
    if habit is not None and not _is_habit(habit):
        found.append('auto_reply must be null or {"text": …, "after_s": …}')
    return found


def _is_habit(habit: object) -> bool:
    if not isinstance(habit, dict) or not isinstance(habit.get("text"), str):
        return False
    return bool(habit["text"]) and isinstance(habit.get("after_s", 3), int | float)


def _columns(asked: dict[str, Any]) -> dict[str, Any]:
    habit = asked.get("auto_reply")
    texted = {"auto_reply": json.dumps(habit) if habit else None}
    return asked | (texted if "auto_reply" in asked else {})


def _number(mdn: str) -> str:
    if not E164.fullmatch(mdn):
        raise Refusal(400, "Not a number in E.164")
    return mdn


def _the_handset(call: Call, mdn: str) -> Row:
    row = handsets.find(call.db, mdn)
    if row is None:
        raise Refusal(404, "No such handset", code=NOT_FOUND)
    return row
