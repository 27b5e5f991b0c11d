"""Tokens in a text: `{{person.First Name:default=friend}}`. No functions, no attributes, no second pass.

A token names a field of people by what it is called, custom ones by a former name as well. A text is
compiled once for many people into segments, which are joined for each. `lead` and `company` are
Marketo's names for the same fields and are read as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from people import fields
from people.field_types import TYPES, Compares, FieldType
from people.models import Person

FULL_NAME = "Full Name"
AREAS = {"person", "lead", "company"}
_STANDARD = {str(each.label).lower(): each for each in fields.STANDARD.values()}
_COMPUTED = {"full_name": ("first_name", "last_name")}
_TOKEN = re.compile(r"\{\{([^{}]{1,200})\}\}")


@dataclass(frozen=True)
class Token:
    """One place to fill: the person's field, and what to write when it is empty.

    `known` is the field where it is one, None for what is put together of several (`full_name`).
    """

    written: str
    field: str
    default: str = ""
    known: fields.Field | None = None

    @property
    def type(self) -> FieldType:
        return self.known.type if self.known else TYPES["string"]

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.known.column,) if self.known else _COMPUTED[self.field]

    def value(self, person: Person) -> str:
        return self.type.shown(self._found(person)).strip() or self.default

    def typed(self, person: Person) -> str:
        """The value as one would type it into a field, which reads it back."""
        return self.type.typed(self._found(person)).strip() or self.default

    def _found(self, person: Person) -> Any:
        return self.known.value(person) if self.known else getattr(person, self.field)


@dataclass(frozen=True)
class Template:
    """A compiled text. `unknown` names the tokens that mean nothing; they render as written."""

    segments: tuple[str | Token, ...]
    unknown: tuple[str, ...]

    @property
    def tokens(self) -> list[Token]:
        return [each for each in self.segments if isinstance(each, Token)]

    @property
    def columns(self) -> set[str]:
        """The columns of a person from which the text is made."""
        return {column for each in self.tokens for column in each.columns}

    @cached_property
    def is_all_text(self) -> bool:
        """Whether every value is written as it is: no number, no date, no yes or no."""
        return all(each.type.compares == Compares.TEXT for each in self.tokens)

    @property
    def has_loose_braces(self) -> bool:
        """Whether double braces stand around no token: they would be sent as they are."""
        words = [each for each in self.segments if isinstance(each, str)]
        return any("{{" in each or "}}" in each for each in words if each not in self.unknown)

    def render(self, person: Person, *, through: Callable[[str], str] = str) -> str:
        """The text for one person, each value put `through` something. Dates and numbers are written as this
        installation writes them, whoever looks at a preview and wherever they are."""
        if self.is_all_text:
            return self._joined(person, through)
        zone, language = timezone.get_default_timezone(), settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(zone):
            return self._joined(person, through)

    def typed(self, person: Person) -> str:
        """The text for one person, to be read as what was typed into a field: 2026-06-01, 1234.5, yes."""
        return "".join(
            each if isinstance(each, str) else each.typed(person) for each in self.segments
        )

    def _joined(self, person: Person, through: Callable[[str], str]) -> str:
        return "".join(
            each if isinstance(each, str) else through(each.value(person)) for each in self.segments
        )


def names() -> list[tuple[str, bool]]:
    """Every name a token may have, as a menu shows it, and whether this installation made the field.

    One query.
    """
    standard = [(str(each.label), False) for each in fields.STANDARD.values()]
    own = [(str(each.label), True) for each in fields.everything().values() if each.key]
    return [(FULL_NAME, False), *standard, *own]


def compile_text(text: str) -> Template:
    """Split a text into its words and its tokens. Never raises.

    No query where only standard fields are named, else one at most every other second: a field that
    was made, renamed or deleted meanwhile is known without a restart.
    """
    segments: list[str | Token] = []
    unknown: list[str] = []
    for piece in _pieces(text):
        if isinstance(piece, str):
            segments.append(piece)
            continue
        token = _read(*piece)
        if token is None:
            unknown.append(piece[1])
        segments.append(token or piece[1])
    return Template(tuple(each for each in segments if each != ""), tuple(unknown))


@lru_cache(maxsize=500)
def _pieces(text: str) -> tuple[str | tuple[str, str], ...]:
    """The words, and of what looks like a token (what is inside, as it was written)."""
    pieces: list[str | tuple[str, str]] = []
    end = 0
    for found in _TOKEN.finditer(text):
        pieces += [text[end : found.start()], (found.group(1), found.group(0))]
        end = found.end()
    return (*pieces, text[end:])


def _read(inside: str, written: str) -> Token | None:
    name, _, default = inside.partition(":default=")
    area, _, label = name.strip().partition(".")
    wanted = " ".join(label.lower().split())
    if area.strip().lower() not in AREAS or not wanted:
        return None
    if wanted == FULL_NAME.lower():
        return Token(written, "full_name", default.strip())
    known = _STANDARD.get(wanted) or _own(wanted)
    return Token(written, known.name, default.strip(), known) if known else None


def _own(wanted: str) -> fields.Field | None:
    """The custom field of this name, now or formerly; looked for anew before it is called unknown."""
    for look in (fields.recent, fields.everything):
        for each in look().values():
            if each.key and wanted in (name.lower() for name in each.synonyms):
                return each
    return None
