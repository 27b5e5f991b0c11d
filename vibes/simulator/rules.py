"""Small rules for what a request may look like, and ways to put them together.

A rule is given where a value stands and the value, and answers with every
complaint it has, since Vibes names all errors at once.
"""

import re
from collections.abc import Callable
from typing import Any

from vibes.simulator import mdn as numbers
from vibes.simulator.clock import parse, to_second

Rule = Callable[[str, Any], list[str]]
LONGEST = 1 << 20


def text(*, least: int = 0, most: int = LONGEST, like: str = ".*", words: str = "a string") -> Rule:
    """A string of so many characters that matches ``like`` as a whole."""
    pattern = re.compile(like, re.DOTALL)

    def fits(value: object) -> bool:
        return (
            isinstance(value, str)
            and least <= len(value) <= most
            and pattern.fullmatch(value) is not None
        )

    return _must_be(words, fits)


def one_of(*choices: str) -> Rule:
    return _must_be(
        f"one of {', '.join(choices)}", lambda value: isinstance(value, str) and value in choices
    )


def flag() -> Rule:
    return _must_be("true or false", lambda value: isinstance(value, bool))


def date(*, like: str = ".*") -> Rule:
    """A day, a minute or a second; of the years 1 to 9999 by UTC."""
    pattern = re.compile(like)
    return _must_be("a date", lambda value: _is_date(value) and pattern.fullmatch(value))


def amount(*, least: float = 0, most: float = 10_000_000) -> Rule:
    return _must_be(
        f"a number from {least:g} to {most:g}",
        lambda value: type(value) in (int, float) and least <= value <= most,
    )


def number_or_text() -> Rule:
    return _must_be("a whole number or a string", lambda value: type(value) in (int, str))


def number(version: int) -> Rule:
    """A mobile number as this version of the API writes it; refused in Vibes' words."""

    def complain(where: str, value: object) -> list[str]:
        try:
            numbers.parse(value, version=version)
        except ValueError as problem:
            return [str(problem)]
        return []

    return complain


def or_null(rule: Rule) -> Rule:
    return lambda where, value: [] if value is None else rule(where, value)


def array(rule: Rule) -> Rule:
    """A list of things that each keep the rule."""

    def complain(where: str, value: object) -> list[str]:
        if not isinstance(value, list):
            return [f"{where} must be an array"]
        return [it for n, item in enumerate(value) for it in rule(f"{where}[{n}]", item)]

    return complain


def values(rule: Rule) -> Rule:
    """An object, under any names, of things that each keep the rule."""

    def complain(where: str, value: object) -> list[str]:
        if not isinstance(value, dict):
            return [f"{where} must be an object"]
        return [it for name, item in value.items() for it in rule(f"{where}.{name}", item)]

    return complain


def table(*required: str, any_of: tuple[str, ...] = (), **parts: Rule) -> Rule:
    """An object whose known parts keep their rules; what else it holds is ignored, as at Vibes."""

    def complain(where: str, value: object) -> list[str]:
        if not isinstance(value, dict):
            return [f"{where} must be an object"]
        at = f"{where}." if where else ""
        found = [f"{at}{name} is required" for name in required if name not in value]
        if any_of and value.keys().isdisjoint(any_of):
            found.append(f"{where or 'The body'} must have one of {', '.join(any_of)}")
        known = [(name, rule) for name, rule in parts.items() if name in value]
        return found + [it for name, rule in known for it in rule(f"{at}{name}", value[name])]

    return complain


def _is_date(value: object) -> bool:
    try:
        to_second(parse(value if isinstance(value, str) else ""))
    except (ValueError, OverflowError):
        return False
    return True


def _must_be(words: str, fits: Callable[[Any], object]) -> Rule:
    return lambda where, value: [] if fits(value) else [f"{where} must be {words}"]
