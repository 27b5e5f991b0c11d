"""A person's history as the screen shows it: newest first, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from people import activity
from people.models import Activity, Person

SIZE = 25
MOST_PAGES = 40  # in one answer, for somebody who has opened that many
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


def page(
    person: Person, *, before: Mark | None, pages: int = 1, kinds: Collection[str] = ()
) -> Page:
    """The lines below `before` (all of them for None): one query over the index of the person.

    `pages`: so many of them as one, where somebody has opened more than the first already. `kinds`: only
    lines of these; all where none is named.
    """
    size = SIZE * min(max(pages, 1), MOST_PAGES)
    lines = Activity.objects.filter(person=person).order_by("-happened_at", "-id")
    if kinds:
        lines = lines.filter(kind__in=kinds)
    if before:
        at, pk = before
        lines = lines.filter(
            Q(happened_at__lt=at) | Q(happened_at=at, id__lt=pk), happened_at__lte=at
        )
    found = list(lines[: size + 1])
    last = found[size - 1] if len(found) > size else None
    older = f"{last.happened_at.isoformat()}_{last.pk}" if last else ""
    return Page([_told(line) for line in found[:size]], older)


def kinds() -> list[tuple[str, str]]:
    """Every kind there is, as (word, label), in the order of the labels: what to filter by."""
    return sorted(((word, _(kind.label)) for word, kind in activity.kinds.items()), key=_by_label)


def chosen(words: Iterable[str]) -> list[str]:
    """The kinds among words from the address of a page; what is none is left out."""
    return [word for word in dict.fromkeys(words) if word in activity.kinds]


def _by_label(kind: tuple[str, str]) -> str:
    return kind[1].lower()


def state(person_id: int) -> str:
    """A word that is another one as soon as a line is written, in whatever order lines come in.

    One query that reads nothing but the index.
    """
    lines = Activity.objects.filter(person_id=person_id)
    found = lines.aggregate(count=Count("happened_at"), last=Max("happened_at"))
    return f"{found['count']}-{found['last'].timestamp() if found['last'] else 0:.6f}"


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
