"""What a fault rule does to one callback."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from vibes.simulator import dice
from vibes.simulator import mdn as numbers
from vibes.simulator.faults import Rule

Action = dict[str, Any]
NEW_TYPE = "subscription_transferred"
"""A type that no documentation knows."""


@dataclass(frozen=True)
class Delivery:
    """One callback as it is to be delivered; ``state`` when something keeps it from that."""

    body: str
    mdn: str | None
    due_at: float
    state: str | None = None


def befall(rule: Rule | None, plain: Delivery) -> list[Delivery]:
    """The deliveries that become of a callback. Without a rule, the plain one."""
    return _ACTIONS[rule.kind](rule.action, plain) if rule else [plain]


def _drop(action: Action, plain: Delivery) -> list[Delivery]:
    return [replace(plain, state="dropped")]


def _hold(action: Action, plain: Delivery) -> list[Delivery]:
    return [replace(plain, state="held")]


def _duplicate(action: Action, plain: Delivery) -> list[Delivery]:
    more = int(action["n"] if "n" in action else action.get("times", 1))
    step = float(action.get("spread", 0)) / max(more, 1)
    return [_later(plain, step * copy) for copy in range(1 + more)]


def _shuffle(action: Action, plain: Delivery) -> list[Delivery]:
    return [_later(plain, dice.between((0, float(action.get("window", 2)))))]


def _delay(action: Action, plain: Delivery) -> list[Delivery]:
    return [_later(plain, float(action.get("seconds", 1)))]


def _malform(action: Action, plain: Delivery) -> list[Delivery]:
    return [replace(plain, body=plain.body[: len(plain.body) // 2])]


def _mislabel(action: Action, plain: Delivery) -> list[Delivery]:
    """By itself it does what Vibes' own sample does: the deprecated twin stays right."""
    if "as" in action:
        return [_called(plain, action["as"])]
    body = json.loads(plain.body)
    added = body["callback_type"].removesuffix("_changed") + "_added"
    return [replace(plain, body=json.dumps(body | {"callback_type": added}))]


def _unknown_type(action: Action, plain: Delivery) -> list[Delivery]:
    return [_called(plain, action.get("as") or NEW_TYPE)]


def _v1_numbers(action: Action, plain: Delivery) -> list[Delivery]:
    return [replace(plain, body=with_short_number(plain.body, plain.mdn))]


def with_short_number(body: str, mdn: str | None) -> str:
    """As version 1 writes it: ten digits."""
    return body.replace(f'"{mdn}"', f'"{numbers.national(mdn)}"') if mdn else body


def _later(plain: Delivery, seconds: float) -> Delivery:
    return replace(plain, due_at=plain.due_at + seconds)


def _called(plain: Delivery, name: str) -> Delivery:
    body = json.loads(plain.body)
    twins = {key: name for key in ("callback_type", "event_type") if key in body}
    return replace(plain, body=json.dumps(body | twins))


_ACTIONS: dict[str, Callable[[Action, Delivery], list[Delivery]]] = {
    "drop": _drop,
    "duplicate": _duplicate,
    "shuffle": _shuffle,
    "delay": _delay,
    "malform": _malform,
    "mislabel": _mislabel,
    "unknown_type": _unknown_type,
    "v1_numbers": _v1_numbers,
    "stop_all": _hold,
}
