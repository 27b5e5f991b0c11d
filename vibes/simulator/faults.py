"""Trouble on request: rules that make calls and callbacks go wrong.

A rule is ``{"match": {…}, "when": {…}, "action": {"type": …}}``. The first rule
that matches and is due acts. Rules live as long as the process.

- match: ``method``, ``path`` (a part of it, or a pattern with ``*``), ``mdn_suffix``,
  ``callback_type``
- when: ``nth`` (only that match), ``every``, ``probability`` (0 to 1), ``count`` (at most so often)
- action for requests: ``status`` (status, headers, body), ``delay`` (seconds), ``hang`` (seconds),
  ``reset_before``, ``reset_after``, ``bad_json``, ``truncate``
- action for callbacks: ``drop``, ``duplicate`` (times), ``delay`` (seconds)
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from threading import Lock
from typing import Any

from vibes.simulator.dice import chance

REQUEST_ACTIONS = frozenset(
    {"status", "delay", "hang", "reset_before", "reset_after", "bad_json", "truncate"}
)
CALLBACK_ACTIONS = frozenset({"drop", "duplicate", "delay"})
MATCHES = frozenset({"method", "path", "mdn_suffix", "callback_type"})
CONDITIONS = frozenset({"nth", "every", "probability", "count"})


@dataclass
class Rule:
    """One rule, with how often it matched and how often it acted."""

    id: int
    match: dict[str, str]
    when: dict[str, float]
    action: dict[str, Any]
    seen: int = 0
    hits: int = 0

    @property
    def concerns_callbacks(self) -> bool:
        return "callback_type" in self.match or self.action["type"] in {"drop", "duplicate"}

    def is_due(self) -> bool:
        """Count this match; does the rule act on it?"""
        self.seen += 1
        due = self._is_its_turn() and chance(self.when.get("probability", 1))
        self.hits += due
        return due

    def _is_its_turn(self) -> bool:
        when = self.when
        return (
            self.seen == when.get("nth", self.seen)
            and self.seen % when.get("every", 1) == 0
            and self.hits < when.get("count", self.hits + 1)
        )


@dataclass(frozen=True)
class CallbackEffect:
    """What the rules do to one callback."""

    drop: bool = False
    duplicates: int = 0
    delay_s: float = 0


@dataclass
class Book:
    """The rules in force, in the order they were made."""

    rules: list[Rule] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def add(self, asked: dict[str, Any]) -> Rule:
        """Raises ``ValueError`` saying what is wrong with the rule."""
        action = asked.get("action") or {}
        rule = Rule(next(self._ids), asked.get("match") or {}, asked.get("when") or {}, action)
        _check(rule)
        self.rules = [*self.rules, rule]
        return rule

    def remove(self, rule_id: int) -> bool:
        kept = [rule for rule in self.rules if rule.id != rule_id]
        found = len(kept) < len(self.rules)
        self.rules = kept
        return found

    def clear(self) -> None:
        self.rules = []

    def described(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules]

    def first_due(self, applies: Callable[[Rule], bool]) -> Rule | None:
        """The first rule that applies and is due. Costs nothing while there are no rules."""
        if not self.rules:
            return None
        with self._lock:
            return next((rule for rule in self.rules if applies(rule) and rule.is_due()), None)


book = Book()


def on_request(method: str, path: str, mdn: str) -> Rule | None:
    def applies(rule: Rule) -> bool:
        if rule.concerns_callbacks:
            return False
        return (
            rule.match.get("method", method).upper() == method
            and _path_matches(rule.match.get("path", ""), path)
            and mdn.endswith(rule.match.get("mdn_suffix", ""))
        )

    return book.first_due(applies)


def on_callback(callback_type: str, mdn: str | None) -> CallbackEffect:
    def applies(rule: Rule) -> bool:
        return (
            rule.concerns_callbacks
            and fnmatchcase(callback_type, rule.match.get("callback_type", "*"))
            and (mdn or "").endswith(rule.match.get("mdn_suffix", ""))
        )

    rule = book.first_due(applies)
    return _effect(rule.action) if rule else CallbackEffect()


def _effect(action: dict[str, Any]) -> CallbackEffect:
    if action["type"] == "duplicate":
        return CallbackEffect(duplicates=int(action.get("times", 1)))
    if action["type"] == "delay":
        return CallbackEffect(delay_s=float(action.get("seconds", 1)))
    return CallbackEffect(drop=True)


def _path_matches(pattern: str, path: str) -> bool:
    return fnmatchcase(path, pattern) if "*" in pattern else pattern in path


def _check(rule: Rule) -> None:
    kind = rule.action.get("type")
    if kind not in REQUEST_ACTIONS | CALLBACK_ACTIONS:
        raise ValueError(f"action.type: choose one of {sorted(REQUEST_ACTIONS | CALLBACK_ACTIONS)}")
    if rule.concerns_callbacks and kind not in CALLBACK_ACTIONS:
        raise ValueError(f"action.type: {kind} is not for callbacks")
    if unknown := (rule.match.keys() - MATCHES) | (rule.when.keys() - CONDITIONS):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
