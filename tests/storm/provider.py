"""Vibes' side of the storm: the simulator's controls, its ledger and its journal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import requests

TOKEN = "simulator"
PAGE = 5_000
EVENTS = {"path_template": "/events", "method": "POST"}
# How often, of all texts handed over; `lost` are those of which we cannot know what became of them.
CALLS: dict[str, tuple[float, dict[str, Any], bool]] = {
    "accept_then_drop": (0.005, {"type": "reset_after"}, True),
    "accept_then_500": (0.0025, {"type": "status_after", "status": 500}, True),
    "drop_before": (0.0025, {"type": "reset_before"}, True),
    "reject_500": (0.0025, {"type": "status", "status": 500}, True),
    "throttled": (0.01, {"type": "status", "status": 429}, False),
    "slow": (0.005, {"type": "delay", "seconds": 0.5}, False),
    "callback_before_reply": (0.01, {"type": "drip", "seconds": 0.01}, False),
    "half_an_answer": (0.005, {"type": "truncate"}, False),
}
CALLBACKS: dict[str, tuple[float, dict[str, Any]]] = {
    "callback_twice": (0.2, {"type": "duplicate", "n": 1, "spread": 1}),
    "callback_shuffled": (0.2, {"type": "shuffle", "window": 2}),
}
# Whoever is away for a while is called again soon.
SETTINGS: dict[str, Any] = {
    "rate_limit_events": 0,
    "rate_limit_other": 0,
    "receipt_loss": 0,
    "callback_retry_s": 1,
    "callback_retries": 50,
    "callback_down_after": 1_000_000,
    "journal_keep": 10_000_000,
}


@dataclass(frozen=True)
class Handover:
    """One text handed over at the simulator's door, whatever became of it; times are its own."""

    event_id: str
    mobile: str
    at: datetime
    done_at: datetime
    fault: int | None


class Provider:
    """The simulator of one storm."""

    def __init__(self, url: str) -> None:
        self._base = f"{url}/_sim"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {TOKEN}"
        self.rules: dict[int, str] = {}

    def be_rough(self, *, rough: float, receipts: float) -> None:
        """Put the faults of calls and of callbacks in force."""
        self.call("PUT", "settings", SETTINGS)
        unheard = {"match": {"callback_type": "event_processed"}, "action": {"type": "drop"}}
        self._rule("receipt_lost", unheard, 1 - receipts)
        for name, (share, action, _) in CALLS.items():
            self._rule(name, {"match": EVENTS, "action": action}, share * rough)
        for name, (share, told) in CALLBACKS.items():
            self._rule(name, {"match": {"callback_type": "*"}, "action": told}, share)

    def calm_down(self) -> None:
        self.call("DELETE", "faults")

    def text_from(self, mobile: str, words: str) -> None:
        self.call("POST", f"handsets/{mobile}/messages", {"text": words})

    def inside(self) -> int:
        """How many texts have come through the door and are not answered yet."""
        return int(self.call("GET", "door")["events"])

    def accepted(self) -> int:
        return int(self.call("GET", "ledger?limit=1")["total"])

    def is_idle(self) -> bool:
        """Whether every callback was delivered."""
        return bool(self.call("GET", "clock")["idle"])

    def ledger(self) -> list[dict[str, Any]]:
        """Every text it accepted, in order."""
        return list(self._pages("ledger?", "events"))

    def callbacks(self) -> list[dict[str, Any]]:
        return list(self._pages("callbacks?callback_type=event_processed&", "callbacks"))

    def calls(self) -> list[dict[str, Any]]:
        """Everything it was asked, in order."""
        return list(self._pages("requests?", "requests"))

    def journal(self) -> Journal:
        calls = self._pages("requests?path=/events&", "requests")
        found = (_handover(each) for each in calls if each["method"] == "POST")
        return Journal([each for each in found if each], self.rules)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, f"{self._base}/{path}", json=body, timeout=120)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _rule(self, name: str, rule: dict[str, Any], probability: float) -> None:
        if probability > 0:
            made = self.call("POST", "faults", rule | {"when": {"probability": probability}})
            self.rules[made["id"]] = name

    def _pages(self, path: str, name: str) -> Iterator[dict[str, Any]]:
        since = 0
        while found := self.call("GET", f"{path}since={since}&limit={PAGE}"):
            yield from found[name]
            if len(found[name]) < PAGE:
                return
            since = found["last"]


class Journal:
    """Every text that was handed over at the door, and what was done to it there."""

    def __init__(self, handovers: list[Handover], rules: dict[int, str]) -> None:
        self.handovers, self._rules = handovers, rules

    def faults(self) -> Counter[str]:
        """How often each fault befell a text."""
        return Counter(self._rules[each.fault] for each in self.handovers if each.fault)

    @cached_property
    def lost(self) -> set[str]:
        """The event ids of which the answer was lost or meant nothing."""
        ambiguous = {name for name, (_, _, is_lost) in CALLS.items() if is_lost}
        lost = {rule for rule, name in self._rules.items() if name in ambiguous}
        return {each.event_id for each in self.handovers if each.fault in lost}

    @cached_property
    def last(self) -> dict[str, Handover]:
        """The last time each id was handed over."""
        return {each.event_id: each for each in self.handovers}


def _handover(call: dict[str, Any]) -> Handover | None:
    """None for one that broke off before its body had come: whoever sent it was killed."""
    try:
        body = json.loads(call["body"])
    except ValueError:
        return None
    at, done_at = (datetime.fromisoformat(call[name]) for name in ("at", "done_at"))
    return Handover(body["event_id"], body["event_data"]["mdn"], at, done_at, call["fault"])
