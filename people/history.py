"""A person's history as the screen shows it: newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from people import activity
from people.models import Activity, Person

SIZE = 25
Mark = tuple[datetime, int]
"""Where a page ended: the time and id of its last line."""


@dataclass(frozen=True)
class Line:
    """One line, told: when, its kind in Marketo's words, and the sentence."""

    at: datetime
    kind: str
    sentence: str


@dataclass(frozen=True)
class Page:
    """Lines, newest first; `older` is how the next page is asked for, empty at the end."""

    lines: list[Line]
    older: str


def page(person: Person, *, before: Mark | None) -> Page:
    """The lines below `before` (all of them for None): one query over the index of the person."""
    lines = Activity.objects.filter(person=person).order_by("-happened_at", "-id")
    if before:
        at, pk = before
        lines = lines.filter(
            Q(happened_at__lt=at) | Q(happened_at=at, id__lt=pk), happened_at__lte=at
        )
    found = list(lines[: SIZE + 1])
    last = found[SIZE - 1] if len(found) > SIZE else None
    older = f"{last.happened_at.isoformat()}_{last.pk}" if last else ""
    return Page([_told(line) for line in found[:SIZE]], older)


def mark(text: str) -> Mark | None:
    """A mark from the address of a page; None for anything that is none."""
    at, _, pk = text.partition("_")
    try:
        return datetime.fromisoformat(at), int(pk)
    except ValueError:
        return None


def _told(line: Activity) -> Line:
    kind = activity.kinds.get(line.kind)
    return Line(line.happened_at, kind.label if kind else line.kind, activity.sentence(line))
