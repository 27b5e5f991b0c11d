"""Tokens in a text: `{{person.First Name:default=friend}}`. No functions, no attributes, no second pass.

A text is compiled once into segments and joined per person. `lead` and `company` are Marketo's
names for the same fields and are read as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from people.models import Person

# What a token may name (its words on screen) → the person's field. Nothing else can be reached.
FIELDS: Mapping[str, str] = {
    str(Person._meta.get_field(name).verbose_name).lower(): name  # type: ignore[union-attr]
    for name in (
        "first_name",
        "last_name",
        "email",
        "company",
        "job_title",
        "city",
        "state",
        "postal_code",
        "country",
    )
} | {"full name": "full_name"}
_COMPUTED = {"full_name": ("first_name", "last_name")}
# The same names as they are written in a menu.
NAMES = [name.title() for name in FIELDS]
AREAS = {"person", "lead", "company"}
_TOKEN = re.compile(r"\{\{([^{}]{1,200})\}\}")


@dataclass(frozen=True)
class Token:
    """One place to fill: the person's field, and what to write when it is empty."""

    written: str
    field: str
    default: str = ""

    def value(self, person: Person) -> str:
        return str(getattr(person, self.field) or "").strip() or self.default


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
        fields = {each.field for each in self.tokens}
        return {column for field in fields for column in _COMPUTED.get(field, (field,))}

    @property
    def has_loose_braces(self) -> bool:
        """Whether double braces stand around no token: they would be sent as they are."""
        words = [each for each in self.segments if isinstance(each, str)]
        return any("{{" in each or "}}" in each for each in words if each not in self.unknown)

    def render(self, person: Person) -> str:
        """The text for one person."""
        return "".join(
            each if isinstance(each, str) else each.value(person) for each in self.segments
        )


@lru_cache(maxsize=500)
def compile_text(text: str) -> Template:
    """Split a text into its words and its tokens. Never raises."""
    segments: list[str | Token] = []
    unknown: list[str] = []
    end = 0
    for found in _TOKEN.finditer(text):
        segments.append(text[end : found.start()])
        token = _read(found.group(1), found.group(0))
        if token is None:
            unknown.append(found.group(0))
        segments.append(token or found.group(0))
        end = found.end()
    segments.append(text[end:])
    return Template(tuple(each for each in segments if each != ""), tuple(unknown))


def _read(inside: str, written: str) -> Token | None:
    name, _, default = inside.partition(":default=")
    area, _, label = name.strip().partition(".")
    field = FIELDS.get(label.strip().lower())
    if area.strip().lower() not in AREAS or field is None:
        return None
    return Token(written, field, default.strip())
