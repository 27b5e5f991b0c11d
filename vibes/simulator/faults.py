"""Trouble on request: rules that make calls and callbacks go wrong.

A rule is ``{"match": {…}, "when": {…}, "action": {"type": …}}``. The first rule
that matches and is due acts; both journals name the rule that did. Rules live
as long as the process. Seconds are real ones where a call is held up, and the
simulator's own (its clock can be moved) everywhere else.

==================  ====================================================================
match               acts on
==================  ====================================================================
method              calls with this method
path                calls whose path has this in it, or fits a pattern with ``*``
path_template       calls that fit a path of the API description, such as
                    ``/events`` or ``/mobiledb/persons/{person_key}``
mdn_suffix          calls that carry a number that ends so, callbacks about one
header              calls with these headers: ``{"X-API-Version": "2"}``, ``*`` allowed
callback_type       callbacks of this type, ``*`` allowed
==================  ====================================================================

==================  ====================================================================
when                acts
==================  ====================================================================
nth, every          on that match only; on every so manieth
probability         so often, 0 to 1
count               at most so many times
after_s, until_s    only later, only earlier than so many seconds after it was made
==================  ====================================================================

==================  ====================================================================
action of a call    what the caller meets (parameters)
==================  ====================================================================
status              this answer, nothing done (status, headers, body)
delay               the answer, late (seconds)
hang                no answer, nothing done (seconds until the line drops)
timeout_after       no answer, all done (seconds until the line drops)
reset_before        a connection reset, nothing done
reset_after         a connection reset, all done
status_after        this answer, all done (status, headers, body)
drip                the answer byte by byte (seconds between two)
truncate            half of the answer
bad_json            an answer that is no JSON
wrong_content_type  the answer called something else (content_type)
extra_fields        fields nobody knows, in every object
null_fields         null for every plain value, or for the named ``fields``
==================  ====================================================================

==================  ====================================================================
of a callback       what becomes of it (parameters)
==================  ====================================================================
drop                it is lost
duplicate           it comes again (n, or ``times``: 1; spread: 0 s over which)
shuffle             it changes places with others (window: 2 s)
delay               it is late (seconds); wants a ``callback_type`` to match
malform             half of its body
mislabel            a ``…_changed`` is called ``…_added``, as in Vibes' own sample; any
                    callback is called what ``as`` says
unknown_type        it is called something new
v1_numbers          its number lacks the country code
stop_all            it and all that follow are held until the rule is withdrawn
==================  ====================================================================
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from threading import Lock
from typing import Any

from vibes.simulator.clock import clock
from vibes.simulator.dice import chance
from vibes.simulator.paths import fits
from vibes.simulator.rules import amount, array, or_null, table, text, values

EITHER = frozenset({"delay"})
REQUEST_ACTIONS = EITHER | {
    *("status", "hang", "timeout_after", "reset_before", "reset_after", "drip", "truncate"),
    "status_after",
    *("bad_json", "wrong_content_type", "extra_fields", "null_fields"),
}
CALLBACK_ACTIONS = EITHER | {
    *("drop", "duplicate", "shuffle", "malform", "mislabel", "unknown_type", "v1_numbers"),
    "stop_all",
}
ACTIONS = REQUEST_ACTIONS | CALLBACK_ACTIONS
MATCHES: Any = {
    **dict.fromkeys(("method", "path", "path_template", "mdn_suffix", "callback_type"), text()),
    "header": values(text()),
}
TIMES: Any = {
    **dict.fromkeys(("count", "after_s", "until_s"), amount()),
    **dict.fromkeys(("nth", "every"), amount(least=1)),
    "probability": amount(most=1),
}
PARAMETERS: Any = {
    **dict.fromkeys(("seconds", "spread", "window"), amount()),
    **dict.fromkeys(("n", "times"), amount(most=1000)),
    **dict.fromkeys(("as", "content_type"), text()),
    "status": amount(least=100, most=599),
    "headers": table(),
    "fields": array(text()),
}
ASKED = table(
    match=or_null(table(**MATCHES)), when=or_null(table(**TIMES)), action=table(**PARAMETERS)
)
OF_CALLS = frozenset({"method", "path", "path_template", "header"})


@dataclass
class Rule:
    """One rule, with how often it matched and how often it acted."""

    id: int
    match: dict[str, Any]
    when: dict[str, float]
    action: dict[str, Any]
    made_at: float
    seen: int = 0
    hits: int = 0

    @property
    def kind(self) -> str:
        return str(self.action["type"])

    @property
    def concerns_callbacks(self) -> bool:
        return "callback_type" in self.match or self.kind in CALLBACK_ACTIONS - EITHER

    def is_due(self) -> bool:
        """Count this match; does the rule act on it?"""
        if not self._is_its_time():
            return False
        self.seen += 1
        due = self._is_its_turn() and chance(self.when.get("probability", 1))
        self.hits += due
        return due

    def _is_its_time(self) -> bool:
        age = clock.now() - self.made_at
        return self.when.get("after_s", age) <= age <= self.when.get("until_s", age)

    def _is_its_turn(self) -> bool:
        when = self.when
        return (
            self.seen == when.get("nth", self.seen)
            and self.seen % when.get("every", 1) == 0
            and self.hits < when.get("count", self.hits + 1)
        )


@dataclass
class Book:
    """The rules in force, in the order they were made."""

    rules: list[Rule] = field(default_factory=list)
    scenario: str | None = None
    """The named set these began as; None once they were made by hand."""
    _ids: Any = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def add(self, asked: dict[str, Any]) -> Rule:
        """Raises ``ValueError`` with all that is wrong with the rule."""
        _check(asked)
        match, when = asked.get("match") or {}, asked.get("when") or {}
        rule = Rule(next(self._ids), match, when, asked["action"], clock.now())
        self.rules, self.scenario = [*self.rules, rule], None
        return rule

    def remove(self, rule_id: int) -> bool:
        kept = [rule for rule in self.rules if rule.id != rule_id]
        found = len(kept) < len(self.rules)
        if found:
            self.rules, self.scenario = kept, None
        return found

    def clear(self) -> None:
        self.rules, self.scenario = [], None

    def described(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules]

    def holds_all(self) -> Rule | None:
        """The ``stop_all`` that has acted, if one has."""
        return next((rule for rule in self.rules if rule.kind == "stop_all" and rule.hits), None)

    def first_due(self, applies: Callable[[Rule], bool]) -> Rule | None:
        """The first rule that applies and is due. Costs nothing while there are no rules."""
        if not self.rules:
            return None
        with self._lock:
            return next((rule for rule in self.rules if applies(rule) and rule.is_due()), None)


book = Book()


def on_request(method: str, path: str, mdn: str, headers: Mapping[str, str]) -> Rule | None:
    def applies(rule: Rule) -> bool:
        match = rule.match
        return (
            not rule.concerns_callbacks
            and match.get("method", method).upper() == method
            and _path_matches(match.get("path", ""), path)
            and fits(match.get("path_template"), path)
            and mdn.endswith(match.get("mdn_suffix", ""))
            and all(_is_sent(headers, *wanted) for wanted in match.get("header", {}).items())
        )

    return book.first_due(applies)


def on_callback(callback_type: str, mdn: str | None) -> Rule | None:
    def applies(rule: Rule) -> bool:
        return (
            rule.concerns_callbacks
            and fnmatchcase(callback_type, rule.match.get("callback_type", "*"))
            and (mdn or "").endswith(rule.match.get("mdn_suffix", ""))
            and _can_befall(rule, callback_type)
        )

    return book.holds_all() or book.first_due(applies)


def _can_befall(rule: Rule, callback_type: str) -> bool:
    """Only a change has the wrong name that Vibes itself gives it."""
    mislabels = rule.kind == "mislabel" and "as" not in rule.action
    return not mislabels or callback_type.endswith("_changed")


def _is_sent(headers: Mapping[str, str], name: str, pattern: str) -> bool:
    return name in headers and fnmatchcase(headers[name], pattern)


def _path_matches(pattern: str, path: str) -> bool:
    return fnmatchcase(path, pattern) if "*" in pattern else pattern in path


def _check(asked: dict[str, Any]) -> None:
    action = asked.get("action")
    kind = str(action.get("type")) if isinstance(action, dict) else ""
    if kind not in ACTIONS:
        raise ValueError(f"action.type: choose one of {sorted(ACTIONS)}")
    if problems := ASKED("", asked):
        raise ValueError(*problems)
    match, when = asked.get("match") or {}, asked.get("when") or {}
    if "callback_type" in match and kind not in CALLBACK_ACTIONS:
        raise ValueError(f"action.type: {kind} is not for callbacks")
    if OF_CALLS & match.keys() and kind not in REQUEST_ACTIONS:
        raise ValueError(f"action.type: {kind} is not for calls")
    if unknown := (match.keys() - MATCHES.keys()) | (when.keys() - TIMES.keys()):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
