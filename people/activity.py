"""record(): the only way to write history; and the sentence by which each kind is shown."""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from people.models import Activity


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


@dataclass(frozen=True)
class Happening:
    """One line to be written: to whom, and the particulars."""

    person_id: int
    details: dict[str, Any] = field(default_factory=dict)
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
    """Append one line per happening, in slices of 1,000; call it in the transaction of the deed."""
    lines = [
        Activity(
            person_id=each.person_id,
            kind=kind.word,
            happened_at=at,
            campaign_id=each.campaign_id,
            run_id=each.run_id,
            step_id=each.step_id,
            details=each.details,
        )
        for each in happenings
    ]
    Activity.objects.bulk_create(lines, batch_size=1_000)
    return len(lines)


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


def sentence(line: Activity) -> str:
    """The line in plain words. Unknown kinds (a plug-in that is gone) show their word."""
    kind = kinds.get(line.kind)
    if kind is None:
        return line.kind
    return string.Formatter().vformat(kind.sentence, (), _Blank(line.details))
