"""Smart lists answered in memory, person by person: what the database is held against.

Shares no code with the product: it reads what a card posts, and plain records of people. Local days are
compared as days, where the product compares moments.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Config = Mapping[str, str]
Tree = int | tuple[str, list[Any]]


@dataclass
class Line:
    """One line of somebody's history."""

    kind: str
    at: datetime
    details: dict[str, Any]
    campaign: int | None = None


@dataclass
class Somebody:
    """A person: columns by name, custom values by field id, and everything that hangs on them."""

    id: int
    columns: dict[str, Any]
    custom: dict[int, Any] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    verdicts: list[tuple[int, str, str]] = field(default_factory=list)  # campaign, state, reason
    campaigns: set[int] = field(default_factory=set)


@dataclass
class World:
    """Everybody present; the members of Vibes lists by number; what ids stand for."""

    people: list[Somebody]
    members: set[tuple[str, int]]
    vibes_lists: dict[int, str]
    messages: dict[int, str]
    fields: dict[int, str]  # custom field id → text, number, truth, date, moment
    # Smart lists that stand alone: how their filters are joined, and these.
    smart_lists: dict[int, tuple[Tree, list[tuple[str, Config]]]]
    zone: ZoneInfo
    now: datetime


# --- Which kind asks about what -------------------------------------------------------------------

_SAME_NAME = """
salutation first_name middle_name last_name language department industry website address city state
postal_code country time_zone job_title block_listed_reason marketing_suspended_reason
unsubscribed_reason
"""
TEXT = {each: each for each in _SAME_NAME.split()} | {
    "email_address": "email",
    "phone_number": "phone",
    "company_name": "company",
    "person_source": "source",
}
NUMBER = {"score": "score", "num_employees": "employees", "annual_revenue": "annual_revenue"}
TRUTH = {
    each: each
    for each in [
        "block_listed",
        "marketing_suspended",
        "unsubscribed",
        "email_invalid",
        "do_not_call",
    ]
}
DAY = {"date_of_birth": "date_of_birth"}
MOMENT = {"created_at": "created_at", "updated_at": "updated_at"}
ACTIVITY = {
    "was_sent_sms_message": "send_sms",
    "was_delivered_sms_message": "sms_delivered",
    "sms_message_bounced": "sms_bounced",
    "was_skipped": "skipped",
    "replied_by_sms": "received_sms",
    "subscribed_to_vibes_list": "subscribe_to_vibes_list",
    "unsubscribed_from_vibes_list": "unsubscribe_from_vibes_list",
    "opt_in_requested": "opt_in_requested",
    "opt_in_declined": "opt_in_declined",
    "opt_in_expired": "opt_in_expired",
    "added_to_list": "add_to_list",
    "removed_from_list": "remove_from_list",
    "data_value_changed": "change_data_value",
}
INACTIVITY = {f"not_{kind}": kind for kind in ACTIVITY}


def holds(kind: str, config: Config, who: Somebody, world: World) -> bool:
    """Whether one filter finds somebody. Raises LookupError for a kind it does not know."""
    if kind in INACTIVITY:
        return not _activity(INACTIVITY[kind], config, who, world)
    if kind in ACTIVITY:
        if config["operator"] == "yes":
            return _activity(kind, config, who, world)
        return not _activity(kind, {**config, "times": ""}, who, world)
    for table, answer in _BY_TYPE:
        if kind in table:
            return answer(config, who.columns[table[kind]], world)
    if kind.startswith("custom_"):
        return _custom(int(kind.removeprefix("custom_")), config, who, world)
    return _SPECIAL[kind](config, who, world)


def found(tree: Tree, filters: Sequence[tuple[str, Config]], who: Somebody, world: World) -> bool:
    """Whether the filters, joined as the tree says (1-based numbers), find somebody."""
    if isinstance(tree, int):
        return holds(*filters[tree - 1], who, world)
    joint, below = tree
    answers = [found(each, filters, who, world) for each in below]
    return all(answers) if joint == "and" else any(answers)


# --- Values ---------------------------------------------------------------------------------------


def _values(posted: str) -> list[str]:
    lines = posted.split("\n") if "\n" in posted else posted.split(";")
    return [unicodedata.normalize("NFC", each).strip() for each in lines if each.strip()]


def _text(config: Config, value: str, world: World) -> bool:
    return _text_is(config["operator"], value, _values(config.get("value", "")))


def _text_is(operator: str, value: str, asked: list[str]) -> bool:
    if operator == "is_empty":
        return not value
    if operator == "is_not_empty":
        return bool(value)
    mine, words = value.lower(), [each.lower() for each in asked]
    tests: dict[str, Callable[[str], bool]] = {
        "is": lambda word: mine == word,
        "starts_with": lambda word: mine[: len(word)] == word,
        "contains": lambda word: word in mine,
    }
    positive = operator.replace("is_not", "is").replace("not_", "")
    return any(map(tests[positive], words)) == (positive == operator)


def _number(config: Config, value: Any, world: World) -> bool:
    operator = config["operator"]
    if operator in ("is_empty", "is_not_empty"):
        return (value is None) == (operator == "is_empty")
    if value is None:
        return operator == "is_not"
    mine, asked = Decimal(str(value)), Decimal(config["value"])
    return {
        "is": lambda: mine == asked,
        "is_not": lambda: mine != asked,
        "at_least": lambda: mine >= asked,
        "at_most": lambda: mine <= asked,
        "greater_than": lambda: mine > asked,
        "less_than": lambda: mine < asked,
        "between": lambda: asked <= mine <= Decimal(config["to"]),
    }[operator]()


def _truth(config: Config, value: Any, world: World) -> bool:
    return bool(value) == (config["value"] == "true")


def _day(config: Config, value: date | None, world: World) -> bool:
    operator = config["operator"]
    if operator in ("is_empty", "is_not_empty"):
        return (value is None) == (operator == "is_empty")
    if value is None:
        return operator == "is_not"
    today = world.now.astimezone(world.zone).date()
    if operator in ("in_past", "in_past_before", "in_future", "in_future_after"):
        far = _away(today, config["duration"], -1 if "past" in operator else 1)
        return {
            "in_past": far <= value <= today,
            "in_past_before": value < far,
            "in_future": today <= value < far,
            "in_future_after": value >= far,
        }[operator]
    return _on_days(config, operator, value, today)


def _moment(config: Config, value: datetime | None, world: World) -> bool:
    return _moment_is(config["operator"], config, value, world)


def _moment_is(operator: str, config: Config, value: datetime | None, world: World) -> bool:
    if operator in ("is_empty", "is_not_empty"):
        return (value is None) == (operator == "is_empty")
    if value is None:
        return operator == "is_not"
    now, day = world.now, value.astimezone(world.zone).date()
    today = now.astimezone(world.zone).date()
    if not operator.startswith(("in_past", "in_future")):
        return _on_days(config, operator, day, today)
    if "hour" in config["duration"]:
        long = timedelta(hours=int(config["duration"].split()[0]))
        return {
            "in_past": now - long <= value <= now,
            "in_past_before": value < now - long,
            "in_future": now < value <= now + long,
            "in_future_after": value > now + long,
        }[operator]
    far = _away(today, config["duration"], -1 if "past" in operator else 1)
    return {
        "in_past": far <= day and value <= now,
        "in_past_before": day < far,
        "in_future": now < value and day < far,
        "in_future_after": day >= far,
    }[operator]


def _on_days(config: Config, operator: str, day: date, today: date) -> bool:
    if operator == "in_time_frame":
        return _in_frame(config["frame"], day, today)
    asked = date.fromisoformat(config["day"])
    return {
        "is": lambda: day == asked,
        "is_not": lambda: day != asked,
        "before": lambda: day < asked,
        "after": lambda: day > asked,
        "on_or_before": lambda: day <= asked,
        "on_or_after": lambda: day >= asked,
        "between": lambda: asked <= day <= date.fromisoformat(config["to"]),
    }[operator]()


def _away(today: date, duration: str, sign: int) -> date:
    count, unit = int(duration.split(maxsplit=1)[0]) * sign, duration.split()[1].rstrip("s")
    if unit in ("day", "week"):
        return today + timedelta(days=count * (7 if unit == "week" else 1))
    months = today.year * 12 + today.month - 1 + count * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _in_frame(frame: str, day: date, today: date) -> bool:
    if frame in ("today", "yesterday", "tomorrow"):
        return (day - today).days == {"today": 0, "yesterday": -1, "tomorrow": 1}[frame]
    by = {"last": -1, "this": 0, "next": 1}[frame[:4]]
    index: dict[str, Callable[[date], int]] = {
        "week": lambda each: (each.toordinal() - 1) // 7,  # day 1 of the calendar was a Monday
        "month": lambda each: each.year * 12 + each.month,
        "quarter": lambda each: each.year * 4 + (each.month - 1) // 3,
        "year": lambda each: each.year,
    }
    counted = index[frame[5:]]
    return counted(day) - counted(today) == by


_BY_TYPE: list[tuple[dict[str, str], Callable[[Config, Any, World], bool]]] = [
    (TEXT, _text),
    (NUMBER, _number),
    (TRUTH, _truth),
    (DAY, _day),
    (MOMENT, _moment),
]


def _custom(field_id: int, config: Config, who: Somebody, world: World) -> bool:
    compares, value = world.fields[field_id], who.custom.get(field_id)
    answers = {
        "text": _text,
        "number": _number,
        "float": _number,
        "truth": _truth,
        "date": _day,
        "moment": _moment,
    }
    return answers[compares](config, (value or "") if compares == "text" else value, world)


# --- Activities -----------------------------------------------------------------------------------


def _activity(kind: str, config: Config, who: Somebody, world: World) -> bool:
    lines = [
        line for line in who.lines if line.kind == ACTIVITY[kind] and _counts(line, config, world)
    ]
    times = int(config.get("times") or 1)
    if kind == "subscribed_to_vibes_list" and not (config["at"] or config["campaign"] or times > 1):
        chosen = {int(config["vibes_list"])} if config["vibes_list"] else set(world.vibes_lists)
        mine = {list_id for number, list_id in world.members if number == who.columns["mobile"]}
        if mine & chosen:
            return True
    return len(lines) >= times


def _counts(line: Line, config: Config, world: World) -> bool:
    if config["at"] and not _moment_is(config["at"], config, line.at, world):
        return False
    said = {name: value for name, value in config.items() if value}
    return all(test(said[name], line, said, world) for name, test in _LINE.items() if name in said)


def _same_list(asked: str, line: Line, said: Config, world: World) -> bool:
    if "vibes_list_id" in line.details:
        return bool(line.details["vibes_list_id"] == int(asked))
    return bool(line.details.get("vibes_list") == world.vibes_lists[int(asked)])


def _same_message(asked: str, line: Line, said: Config, world: World) -> bool:
    if "message_id" in line.details:
        return bool(line.details["message_id"] == int(asked))
    return bool(line.details.get("message") == world.messages[int(asked)])


def _changed(line: Line, said: Config, place: int, asked: str) -> bool:
    value = line.details["changes"][said["field"]][place]
    if isinstance(value, bool):
        return value == (asked == "yes")
    if isinstance(value, int | float):
        return Decimal(str(value)) == Decimal(asked)
    return str(value or "").lower() == asked.lower()


_LINE: dict[str, Callable[[str, Line, Config, World], bool]] = {
    "message": _same_message,
    "vibes_list": _same_list,
    "campaign": lambda asked, line, said, world: line.campaign == int(asked),
    "static_list": lambda asked, line, said, world: line.details["list_id"] == int(asked),
    "bounce": lambda asked, line, said, world: line.details.get("bounce") == asked,
    "reason": lambda asked, line, said, world: line.details.get("reason") == asked,
    "text": lambda asked, line, said, world: asked.lower() in line.details["text"].lower(),
    "by": lambda asked, line, said, world: asked.lower() in line.details["by"].lower(),
    "field": lambda asked, line, said, world: asked in line.details["changes"],
    "before": lambda asked, line, said, world: _changed(line, said, 0, asked),
    "after": lambda asked, line, said, world: _changed(line, said, 1, asked),
}

# --- The rest -------------------------------------------------------------------------------------


def _full_name(who: Somebody) -> str:
    return f"{who.columns['first_name']} {who.columns['last_name']}".strip(" ")


def _mobile(config: Config, who: Somebody, world: World) -> bool:
    asked = [_as_kept(each, config["operator"]) for each in _values(config.get("value", ""))]
    return _text_is(config["operator"], who.columns["mobile"], asked)


def _as_kept(typed: str, operator: str) -> str:
    """A number of the United States, or part of one, as E.164 has it."""
    digits = "".join(re.findall("[0-9]", typed))
    if re.search("[a-z]", typed) or not digits:
        return typed
    if len(digits) in (10, 11) and not typed.startswith("0"):
        return f"+1{digits[-10:]}"
    if typed.startswith("+"):
        return f"+{digits}"
    if "starts" in operator:
        abroad = re.fullmatch("(?:011|00)([0-9]*)", digits)
        return f"+{abroad[1]}" if abroad else "+1" + re.sub("^1", "", digits)
    return digits


def _in(config: Config, is_in: bool) -> bool:
    return is_in == (config["operator"] == "in")


def _member_of_vibes_list(config: Config, who: Somebody, world: World) -> bool:
    return _in(config, (who.columns["mobile"], int(config["vibes_list"])) in world.members)


def _verdict(config: Config, who: Somebody, world: World) -> bool:
    mine = any(
        campaign == int(config["campaign"])
        and state == config["verdict"]
        and config["reason"] in ("", reason)
        for campaign, state, reason in who.verdicts
    )
    return _in(config, mine)


_SAME: dict[str, Callable[[Somebody], str]] = {
    "email": lambda who: str(who.columns["email"]),
    "full_name": _full_name,
    "last_name": lambda who: str(who.columns["last_name"]),
    "mobile": lambda who: str(who.columns["mobile"]),
    "updated_at": lambda who: str(who.columns["updated_at"].timestamp()),
}


def _is_double(name: str, who: Somebody, world: World) -> bool:
    mine = _SAME[name](who).lower()
    others = (each for each in world.people if each.id != who.id)
    return bool(mine) and any(_SAME[name](each).lower() == mine for each in others)


def lot(draw: str, person: int) -> int:
    """What `campaigns.lots` has the database compute."""
    prime = 2**31 - 1
    digest = hashlib.sha256(draw.encode()).digest()
    times = int.from_bytes(digest[0:8], "big") % (prime - 1) + 1
    plus = int.from_bytes(digest[8:16], "big") % prime
    mixed = (person % prime * times + plus) % prime
    return (mixed**2 + mixed + plus) % prime


def _in_share(config: Config, lot: int) -> bool:
    return lot < int((2**31 - 1) * Decimal(config["percent"]) / 100)


def _random_sample(config: Config, who: Somebody, world: World) -> bool:
    return _in_share(config, lot(f"draw {int(config['draw'])}", who.id))


def _random_share(config: Config, who: Somebody, world: World) -> bool:
    return _in_share(config, lot("step 0", who.id))  # outside any step


_SPECIAL: dict[str, Callable[[Config, Somebody, World], bool]] = {
    "full_name": lambda config, who, world: _text(config, _full_name(who), world),
    "mobile_phone_number": _mobile,
    "member_of_list": lambda c, who, world: _in(c, int(c["static_list"]) in who.lists),
    "member_of_vibes_list": _member_of_vibes_list,
    "member_of_smart_list": lambda c, who, world: _in(
        c, found(*world.smart_lists[int(c["smart_list"])], who, world)
    ),
    "member_of_smart_campaign": lambda c, who, world: _in(c, int(c["campaign"]) in who.campaigns),
    "verdict_in_smart_campaign": _verdict,
    "shared_number": lambda c, who, world: (
        _is_double("mobile", who, world) == (c["value"] == "true")
    ),
    "duplicate_fields": lambda c, who, world: _is_double(c["field"], who, world),
    "random_sample": _random_sample,
    "random_share": _random_share,
}
KINDS = {*TEXT, *NUMBER, *TRUTH, *DAY, *MOMENT, *ACTIVITY, *INACTIVITY, *_SPECIAL}
