"""record(): the only way to write history; and the sentence by which each kind is shown."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from people import bulk, fields
from people.models import Activity

Changes = dict[str, list[Any]]
"""What changed: field name → [value before, value after]."""


@dataclass(frozen=True)
class Kind:
    """A kind of activity: its word in the log, its name on screen (Marketo's), and its sentence.

    `{name}` in the sentence is taken from the details. `personal` names the details that are
    stripped when a person is forgotten.
    """

    word: str
    label: str
    sentence: str
    personal: tuple[str, ...] = ()


class Happening(NamedTuple):
    """One line to be written: to whom, and the particulars (plain values)."""

    person_id: int
    details: Mapping[str, Any] = {}  # never changed
    campaign_id: int | None = None
    run_id: int | None = None
    step_id: int | None = None


kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known. Raises ValueError when another kind has its word."""
    if kinds.setdefault(kind.word, kind) != kind:
        raise ValueError(f"Two kinds of activity are called {kind.word}.")
    return kind


def record(kind: Kind, happenings: Iterable[Happening], *, at: datetime) -> int:
    """Append one line per happening, some thousands a statement; call it in the transaction of the deed."""
    rows = list(happenings)
    if rows:
        columns = dict(zip(Happening._fields, zip(*rows, strict=True), strict=True))
        bulk.insert_rows(Activity, columns, same={"kind": kind.word, "happened_at": at})
    return len(rows)


NEW_PERSON = register(Kind("new_person", "New Person", "Created by {by}"))
CHANGE_DATA_VALUE = register(
    Kind(
        "change_data_value",
        "Change Data Value",
        "{changes}, by {by}",
        personal=("changes",),
    )
)
ADD_TO_LIST = register(Kind("add_to_list", "Add to List", "Added to “{list}” by {by}"))
REMOVE_FROM_LIST = register(
    Kind("remove_from_list", "Remove from List", "Removed from “{list}” by {by}")
)


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


class _Plain(string.Formatter):
    """Fills a sentence in; changes are told as people tell them."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return _told(value) if isinstance(value, dict) else super().format_field(value, format_spec)


def _told(changes: Changes) -> str:
    said = _("%(field)s from %(before)s to %(after)s")
    return "; ".join(
        said % {"field": fields.label(name), **_pair(name, changes[name])}
        for name in fields.in_order(changes)  # a JSON column forgets the order of names
    )


def _pair(name: str, change: list[Any]) -> dict[str, str]:
    before, after = (_quoted(name, value) for value in change)
    return {"before": before, "after": after}


def _quoted(name: str, value: Any) -> str:
    """A value of a field as the log keeps it, in words: texts in quotation marks."""
    if value in (None, "") and value is not False:
        return _("nothing")
    words = fields.shown(name, value)
    return f"“{words}”" if isinstance(value, str) and words == value else words


def sentence(line: Activity) -> str:
    """The line in plain words. Unknown kinds (a plug-in that is gone) show their word."""
    kind = kinds.get(line.kind)
    if kind is None:
        return line.kind
    return _Plain().vformat(_(kind.sentence), (), _Blank(line.details))
