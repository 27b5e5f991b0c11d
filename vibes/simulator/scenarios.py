"""Named sets of fault rules, for demonstrations and for continuous integration."""

import os
from dataclasses import dataclass
from typing import Any

from vibes.simulator.faults import book

Rule = dict[str, Any]
AT_START = os.environ.get("SIM_SCENARIO", "calm")
OUTAGE_S = 60


@dataclass(frozen=True)
class Scenario:
    """What happens, in one sentence, and the rules that make it happen."""

    about: str
    rules: tuple[Rule, ...] = ()


def _sometimes(probability: float, action: str, **more: Any) -> Rule:
    return {"when": {"probability": probability}, "action": {"type": action} | more}


def _callbacks(rule: Rule) -> Rule:
    return rule | {"match": {"callback_type": "*"}}


UNAUTHORISED = {
    "status": 401,
    "headers": {"WWW-Authenticate": 'Basic realm="Vibes"'},
    "body": {"errors": [{"message": "Unauthorized", "code": 1}]},
}
SCENARIOS = {
    "calm": Scenario("All goes well."),
    "busy": Scenario(
        "1 % of calls get a 429, 1 % a 500, and 2 % of callbacks come twice.",
        (
            _sometimes(0.01, "status", status=429),
            _sometimes(0.01, "status", status=500),
            _sometimes(0.02, "duplicate"),
        ),
    ),
    "storm": Scenario(
        "Every common fault befalls 10 % of calls and callbacks, and callbacks come in any order.",
        (
            _sometimes(0.1, "status", status=429),
            _sometimes(0.1, "status", status=500),
            _sometimes(0.1, "reset_before"),
            _sometimes(0.1, "reset_after"),
            _sometimes(0.1, "truncate"),
            _sometimes(0.1, "delay", seconds=1),
            _sometimes(0.1, "drop"),
            _sometimes(0.1, "duplicate", n=2, spread=5),
            _sometimes(0.1, "mislabel"),
            _callbacks(_sometimes(0.1, "delay", seconds=10)),
            _sometimes(1, "shuffle", window=5),
        ),
    ),
    "outage": Scenario(
        f"No connection lives for {OUTAGE_S} seconds; then all goes well.",
        ({"when": {"until_s": OUTAGE_S}, "action": {"type": "reset_before"}},),
    ),
    "revoked": Scenario(
        "The account may do nothing any more: 401.",
        (_sometimes(1, "status", **UNAUTHORISED),),
    ),
    "slow": Scenario(
        "Every answer takes 3 seconds and every callback 10.",
        (_sometimes(1, "delay", seconds=3), _callbacks(_sometimes(1, "delay", seconds=10))),
    ),
}


def play(name: str) -> None:
    """Put this scenario's rules in the place of all that were. Raises ``KeyError``."""
    scenario = SCENARIOS[name]
    book.clear()
    for rule in scenario.rules:
        book.add(rule)
    book.scenario = name


def restore() -> None:
    """Back to the scenario the process was started with."""
    play(AT_START)


def described() -> list[dict[str, Any]]:
    return [
        {"name": name, "about": each.about, "rules": each.rules} for name, each in SCENARIOS.items()
    ]
