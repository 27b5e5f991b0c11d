"""Smart lists by chance: what the cards post, and how the filters are joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from tests.campaigns import evaluator
from tests.campaigns.evaluator import ACTIVITY, DAY, INACTIVITY, MOMENT, NUMBER, TEXT, TRUTH, World
from tests.campaigns.population import (
    ALPHABET,
    CHANGES,
    NUMBERS,
    REASONS,
    SPELLINGS,
    STATES,
    WORDS,
)

Config = dict[str, str]


class Question(NamedTuple):
    """A smart list: its filters, how they are joined (match, rule), and the same as a tree."""

    filters: list[tuple[str, Config]]
    match: str
    rule: str
    tree: evaluator.Tree


FRAMES = ["today", "yesterday", "tomorrow"] + [
    f"{which}_{what}"
    for which in ("last", "this", "next")
    for what in ("week", "month", "quarter", "year")
]
DATED = ["is", "is_not", "before", "after", "on_or_before", "on_or_after"]
LASTING = ["in_past", "in_past_before", "in_future", "in_future_after"]
EMPTY = ["is_empty", "is_not_empty"]
ORDER = ["at_least", "at_most", "greater_than", "less_than", "between"]


def question(chance: Random, world: World) -> Question:
    kinds = sorted(evaluator.KINDS | {f"custom_{each}" for each in world.fields})
    count = chance.choice([1, 1, 1, 2, 2, 3, 4])
    picked = [chance.choice(kinds) for _ in range(count)]
    filters = [(kind, config(kind, world, chance)) for kind in picked]
    numbers: list[evaluator.Tree] = [*range(1, count + 1)]
    match = chance.choice(["all", "any", "advanced", "advanced"])
    if match != "advanced":
        return Question(filters, match, "", ("and" if match == "all" else "or", numbers))
    tree = _joined(chance, numbers + chance.choices(numbers, k=chance.randint(0, 2)))
    return Question(filters, match, written(tree), tree)


def _joined(chance: Random, parts: list[evaluator.Tree]) -> evaluator.Tree:
    """A random tree over these leaves, each used once."""
    parts = chance.sample(parts, len(parts))
    while len(parts) > 1:
        size = chance.randint(2, len(parts))
        parts = [(chance.choice(["and", "or"]), parts[:size]), *parts[size:]]
    return parts[0]


def written(tree: evaluator.Tree) -> str:
    if isinstance(tree, int):
        return str(tree)
    return f" {tree[0]} ".join(
        written(each) if isinstance(each, int) else f"({written(each)})" for each in tree[1]
    )


def config(kind: str, world: World, chance: Random) -> Config:
    """What a card of this kind posts. Raises LookupError for a kind that is not known here."""
    if kind in ACTIVITY or kind in INACTIVITY:
        return _activity(kind, world, chance)
    if kind.startswith("custom_"):
        return _BY_TYPE[world.fields[int(kind.removeprefix("custom_"))]](world, chance, kind)
    for table, name in _TABLES:
        if kind in table:
            return _BY_TYPE[name](world, chance, kind)
    return _SPECIAL[kind](world, chance)


# --- By type --------------------------------------------------------------------------------------


def _texts(chance: Random, words: Sequence[str]) -> Config:
    operator = chance.choice([*TEXTS, *EMPTY])
    if operator in EMPTY:
        return {"operator": operator, "value": chance.choice(["", "left over"])}
    values = [chance.choice(words) for _ in range(chance.randint(1, 3))]
    return {"operator": operator, "value": "".join(f"{each}\n" for each in values)}


def _words(chance: Random) -> list[str]:
    """Words that people have, and some made of their letters."""
    made = ("".join(chance.choices(ALPHABET, k=chance.randint(1, 3))).strip() for _ in range(9))
    return [each for each in [*WORDS, *made] if each]


TEXTS = ["is", "is_not", "starts_with", "not_starts_with", "contains", "not_contains"]


def _text(world: World, chance: Random, kind: str) -> Config:
    return _texts(chance, _words(chance))


def _number(world: World, chance: Random, kind: str) -> Config:
    pool = NUMBERS[world.fields[int(kind[7:])] if kind.startswith("custom_") else kind]
    offered = ORDER if pool is NUMBERS["float"] else [*ORDER, "is", "is_not"]
    operator = chance.choice([*offered, *EMPTY])
    low, high = sorted(chance.choice(pool) for _ in range(2))
    said = {"operator": operator, "value": str(low)}
    return said | {"to": str(high)} if operator == "between" else said


def _truth(world: World, chance: Random, kind: str) -> Config:
    return {"value": chance.choice(["true", "false"])}


def _date(world: World, chance: Random, kind: str) -> Config:
    return _when(world, chance, [*EMPTY], hours=False)


def _moment(world: World, chance: Random, kind: str) -> Config:
    return _when(world, chance, [*EMPTY], hours=True)


def _when(
    world: World, chance: Random, more: list[str], *, hours: bool, name: str = "operator"
) -> Config:
    operator = chance.choice([*DATED, *LASTING, "between", "in_time_frame", *more])
    said = {name: operator, "duration": "", "day": "", "to": "", "frame": ""}
    if operator in LASTING:
        said["duration"] = _duration(chance, hours=hours)
    elif operator == "in_time_frame":
        said["frame"] = chance.choice(FRAMES)
    elif operator:
        first, last = sorted(_a_day(world, chance) for _ in range(2))
        said |= {"day": f"{first}", "to": f"{last}" if operator == "between" else ""}
    return said


def _duration(chance: Random, *, hours: bool) -> str:
    units = ["day", "week", "month", "year", *(["hour"] if hours else [])]
    count = chance.choice([1, 1, 2, 3, 7, 14, 30, 90])
    return f"{count} {chance.choice(units)}{'s' if count > 1 else ''}"


def _a_day(world: World, chance: Random) -> date:
    today = world.now.astimezone(world.zone).date()
    return today + timedelta(days=chance.choice([0, 0, -1, 1, -2, 7, -30, 90, -400, -20_000]))


_TABLES = [(TEXT, "text"), (NUMBER, "number"), (TRUTH, "truth"), (DAY, "date"), (MOMENT, "moment")]
_BY_TYPE: dict[str, Callable[[World, Random, str], Config]] = {
    "text": _text,
    "number": _number,
    "float": _number,
    "truth": _truth,
    "date": _date,
    "moment": _moment,
}


# --- Activities -----------------------------------------------------------------------------------


def _activity(kind: str, world: World, chance: Random) -> Config:
    said = _when(world, chance, ["", "", ""], hours=True, name="at")
    positive = INACTIVITY.get(kind, kind)
    for name in _CONSTRAINTS[positive]:
        said[name] = chance.choice(["", *_options(name, world)])
    if positive == "data_value_changed":
        said |= _change(chance)
    if kind in INACTIVITY:
        return said
    return said | {
        "operator": chance.choice(["yes", "yes", "no"]),
        "times": chance.choice(["", "1", "2", "3"]),
    }


def _change(chance: Random) -> Config:
    name = chance.choice(sorted(CHANGES))
    values = [_posted(each) for each in CHANGES[name] if each not in ("", None)]
    before, after = (chance.choice(["", "", *values]) for _ in range(2))
    return {"field": name, "before": before, "after": after}


def _posted(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _options(name: str, world: World) -> list[str]:
    lists = {each for who in world.people for each in who.lists}
    campaigns = {each for who in world.people for each in who.campaigns}
    return {
        "message": [*map(str, world.messages)],
        "vibes_list": [*map(str, world.vibes_lists)],
        "campaign": [*map(str, sorted(campaigns))],
        "smart_list": [*map(str, world.smart_lists)],
        "static_list": [*map(str, sorted(lists))],
        "bounce": ["hard", "soft"],
        "reason": REASONS,
        "text": ["É", "%", "yes", "_"],
        "by": ["IMPORT", "ada", "%"],
    }[name]


_TO_LIST = ["vibes_list", "campaign"]
_CONSTRAINTS = {
    "was_sent_sms_message": ["message", *_TO_LIST],
    "was_delivered_sms_message": ["message", *_TO_LIST],
    "sms_message_bounced": ["message", *_TO_LIST, "bounce"],
    "was_skipped": ["campaign", "reason"],
    "replied_by_sms": ["text"],
    "subscribed_to_vibes_list": _TO_LIST,
    "unsubscribed_from_vibes_list": _TO_LIST,
    "opt_in_requested": _TO_LIST,
    "opt_in_declined": _TO_LIST,
    "opt_in_expired": _TO_LIST,
    "added_to_list": ["static_list", "by"],
    "removed_from_list": ["static_list", "by"],
    "data_value_changed": ["by"],
}

# --- The rest -------------------------------------------------------------------------------------


def _member(name: str) -> Callable[[World, Random], Config]:
    def one(world: World, chance: Random) -> Config:
        operator = chance.choice(["in", "not_in"])
        return {"operator": operator, name: chance.choice(_options(name, world))}

    return one


def _verdict(world: World, chance: Random) -> Config:
    return _member("campaign")(world, chance) | {
        "verdict": chance.choice(STATES),
        "reason": chance.choice(["", *REASONS]),
    }


def _random_sample(world: World, chance: Random) -> Config:
    percent = chance.choice(["0.01", "10", "33.33", "50", "99.99", "100"])
    return {"percent": percent, "draw": str(chance.randint(1, 1_000_000))}


def _random_share(world: World, chance: Random) -> Config:
    return {"percent": chance.choice(["0.5", "25", "50", "100"])}


def _duplicate(world: World, chance: Random) -> Config:
    return {"field": chance.choice(["email", "full_name", "last_name", "mobile", "updated_at"])}


_SPECIAL: dict[str, Callable[[World, Random], Config]] = {
    "full_name": lambda world, chance: _texts(chance, _words(chance)),
    "mobile_phone_number": lambda world, chance: _texts(chance, SPELLINGS),
    "member_of_list": _member("static_list"),
    "member_of_vibes_list": _member("vibes_list"),
    "member_of_smart_list": _member("smart_list"),
    "member_of_smart_campaign": _member("campaign"),
    "verdict_in_smart_campaign": _verdict,
    "shared_number": lambda world, chance: _truth(world, chance, ""),
    "duplicate_fields": _duplicate,
    "random_sample": _random_sample,
    "random_share": _random_share,
}
