"""Advanced smart list logic: `1 and (2 or 3)`, read into a condition or into words.

group := operand ("and" operand)* | operand ("or" operand)*   — no mixing without parentheses
operand := number | "(" group ")"                              — every filter is used at least once
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST, DEEPEST = 2_000, 20
_WORD = re.compile(r"[0-9]+|[()]|[A-Za-z]+|\S")


class LogicError(ValueError):
    """The rule cannot be read; `args[0]` says where and what to do."""


@dataclass(frozen=True)
class Group:
    """Filter numbers and groups, joined by `joint` (and, or). Of one alone the joint does not count."""

    joint: str
    operands: tuple[int | Group, ...]


class _Word(NamedTuple):
    text: str
    at: int  # 1-based, as people count


_END = _Word("", 0)


@dataclass
class _Reader:
    words: list[_Word]
    count: int
    at: int = 0
    depth: int = 0
    used: set[int] = field(default_factory=set)

    def peek(self) -> _Word:
        return self.words[self.at] if self.at < len(self.words) else _END

    def take(self) -> _Word:
        word = self.peek()
        self.at += 1
        return word


def read(rule: str, count: int) -> Group:
    """What a rule on so many filters says. Raises LogicError."""
    if len(rule) > LONGEST:
        raise LogicError(_("The rule is too long."))
    words = [_Word(found[0].lower(), found.start() + 1) for found in _WORD.finditer(rule)]
    if not words:
        raise LogicError(_("Write a rule, for example 1 and (2 or 3)."))
    reader = _Reader(words, count)
    made = _group(reader)
    if reader.peek() is not _END:
        raise LogicError(_("“%(word)s” is one too many.") % {"word": _cut(reader.peek())})
    _refuse_unused(reader)
    return made


def join(rule: str, conditions: Sequence[Q]) -> Q:
    """The condition that `rule` makes of numbered conditions (1-based). Raises LogicError."""
    return _joined(read(rule, len(conditions)), conditions)


def printed(rule: str, count: int) -> str:
    """The rule in the one way of writing it: lower case, single spaces. Raises LogicError."""
    return sentence(rule, [str(number) for number in range(1, count + 1)], and_="and", or_="or")


def sentence(rule: str, each: Sequence[str], *, and_: str = "", or_: str = "") -> str:
    """The rule with the words of filters in place of their numbers. Raises LogicError."""
    joints = {"and": f" {and_ or _('and')} ", "or": f" {or_ or _('or')} "}
    return _written(read(rule, len(each)), each, joints)


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


# --- Reading --------------------------------------------------------------------------------------


def _group(reader: _Reader) -> Group:
    operands, joint = [_operand(reader)], reader.peek().text
    while reader.peek().text in ("and", "or"):
        word = reader.take()
        if word.text != joint:
            said = _("Put parentheses where “and” meets “or”, at character %(at)d.")
            raise LogicError(said % {"at": word.at})
        operands.append(_operand(reader))
    return Group(joint if len(operands) > 1 else "and", tuple(operands))


def _operand(reader: _Reader) -> int | Group:
    word = reader.take()
    if word.text == "(":
        return _nested(reader, word)
    if word is _END:
        raise LogicError(_("The rule ends too early: a filter number is missing."))
    if not (word.text.isascii() and word.text.isdecimal()):
        raise LogicError(
            _("“%(word)s” stands where a filter number should.") % {"word": _cut(word)}
        )
    number = int(word.text[:9])
    if len(word.text) > 9 or not 1 <= number <= reader.count:
        raise LogicError(_("There is no filter %(word)s.") % {"word": _cut(word)})
    reader.used.add(number)
    return number


def _nested(reader: _Reader, opening: _Word) -> Group:
    if reader.peek().text == ")":
        raise LogicError(_("The parentheses at character %(at)d are empty.") % {"at": opening.at})
    reader.depth += 1
    if reader.depth > DEEPEST:
        raise LogicError(_("The parentheses are nested too deep."))
    made = _group(reader)
    if reader.take().text != ")":
        said = _("A closing parenthesis is missing for the one at character %(at)d.")
        raise LogicError(said % {"at": opening.at})
    reader.depth -= 1
    return made


def _refuse_unused(reader: _Reader) -> None:
    unused = [str(each) for each in range(1, reader.count + 1) if each not in reader.used]
    if unused:
        why = ngettext("Filter %s is not used.", "Filters %s are not used.", len(unused))
        raise LogicError(why % ", ".join(unused))


def _cut(word: _Word) -> str:
    return word.text if len(word.text) <= 20 else f"{word.text[:20]}…"


# --- Saying ---------------------------------------------------------------------------------------


def _joined(group: Group, conditions: Sequence[Q]) -> Q:
    joint = Q.AND if group.joint == "and" else Q.OR
    made = Q(_connector=joint)
    for each in _each(group):
        made.add(
            _joined(each, conditions) if isinstance(each, Group) else conditions[each - 1], joint
        )
    return made


def _each(group: Group) -> Iterator[int | Group]:
    """What it joins, each filter once: `1 and 1` says no more than `1`."""
    seen: set[int] = set()
    for each in group.operands:
        if isinstance(each, Group) or each not in seen:
            yield each
        if isinstance(each, int):
            seen.add(each)


def _written(group: Group, each: Sequence[str], joints: dict[str, str]) -> str:
    return joints[group.joint].join(
        f"({_written(one, each, joints)})" if isinstance(one, Group) else each[one - 1]
        for one in group.operands
    )
