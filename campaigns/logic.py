"""Advanced smart list logic: `1 and (2 or 3)`, read into a condition.

group := operand ("and" operand)* | operand ("or" operand)*   — no mixing without parentheses
operand := number | "(" group ")"                              — every filter is used at least once
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST, DEEPEST = 2_000, 20
_WORD = re.compile(r"\s*(\d{1,4}|[()]|[A-Za-z]+|\S)")


class LogicError(ValueError):
    """The rule cannot be read; `args[0]` says where and what to do."""


@dataclass
class _Reader:
    words: list[str]
    count: int
    at: int = 0
    depth: int = 0

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self) -> str:
        word = self.peek()
        self.at += 1
        return word


def join(rule: str, conditions: Sequence[Q]) -> Q:
    """The condition that `rule` makes of numbered conditions (1-based). Raises LogicError."""
    if len(rule) > LONGEST:
        raise LogicError(_("The rule is too long."))
    words = [word.lower() for word in _WORD.findall(rule)]
    if not words:
        raise LogicError(_("Write a rule, for example 1 and (2 or 3)."))
    reader = _Reader(words, len(conditions))
    made = _group(reader, conditions)
    if reader.peek():
        raise LogicError(_("“%(word)s” is one too many.") % {"word": reader.peek()})
    _refuse_unused(words, len(conditions))
    return made


def default(count: int) -> str:
    """The rule the box starts with: `1 and 2 and 3`."""
    return " and ".join(str(number) for number in range(1, count + 1))


def renumber(rule: str, *, before: Sequence[int], after: Sequence[int]) -> str:
    """The rule with the same meaning after filters were moved, added or deleted.

    `before` and `after` are the filters' ids in their order. A filter that is gone leaves a `?`.
    """
    places = {pk: str(number) for number, pk in enumerate(after, 1)}
    said = {str(number): places.get(pk, "?") for number, pk in enumerate(before, 1)}
    return re.sub(r"\d+", lambda found: said.get(found[0], found[0]), rule)


def _group(reader: _Reader, conditions: Sequence[Q]) -> Q:
    made = _operand(reader, conditions)
    joint = reader.peek()
    while reader.peek() in {"and", "or"}:
        if reader.take() != joint:
            raise LogicError(_("Put parentheses where “and” meets “or”."))
        other = _operand(reader, conditions)
        made = made & other if joint == "and" else made | other
    return made


def _operand(reader: _Reader, conditions: Sequence[Q]) -> Q:
    word = reader.take()
    if word == "(":
        return _nested(reader, conditions)
    if not word:
        raise LogicError(_("The rule ends too early: a filter number is missing."))
    if not word.isdigit():
        raise LogicError(_("“%(word)s” stands where a filter number should.") % {"word": word})
    if not 1 <= int(word) <= reader.count:
        raise LogicError(_("There is no filter %(word)s.") % {"word": word})
    return conditions[int(word) - 1]


def _nested(reader: _Reader, conditions: Sequence[Q]) -> Q:
    reader.depth += 1
    if reader.depth > DEEPEST:
        raise LogicError(_("The parentheses are nested too deep."))
    made = _group(reader, conditions)
    if reader.take() != ")":
        raise LogicError(_("A closing parenthesis is missing."))
    reader.depth -= 1
    return made


def _refuse_unused(words: list[str], count: int) -> None:
    unused = [str(number) for number in range(1, count + 1) if str(number) not in words]
    if unused:
        why = ngettext("Filter %s is not used.", "Filters %s are not used.", len(unused))
        raise LogicError(why % ", ".join(unused))
