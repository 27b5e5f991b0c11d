"""How many people a smart list and each of its filters find, soon: to the number where that is quick, else about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from django.db.models import Max, Min, Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from people import patience
from people.models import Person, PersonQuerySet
from people.patience import TookTooLong

from . import audience

WHOLE, EACH, SAMPLING, FIRST = 0.4, 0.25, 0.5, 0.25  # seconds
SAMPLE = 10_000  # people looked at for “about”
SHOWN = 10


@dataclass(frozen=True)
class Figure:
    """A number of people: to the number, about (from a sample, each standing for `each`), or unknown."""

    number: int | None
    each: int = 0

    @property
    def words(self) -> str:
        if self.number is None:
            return _("not counted in time")
        if not self.each:
            return number_format(self.number, force_grouping=True)
        if not self.number:
            # Three times what one in the sample stands for: so many are missed in one case of twenty.
            return _("fewer than %s") % _round(3 * self.each)
        return _("about %s") % _round(self.number)

    @property
    def is_exact(self) -> bool:
        return self.number is not None and not self.each


UNKNOWN = Figure(None)


@dataclass(frozen=True)
class Found:
    """How many a smart list finds (None: it is not complete), by filter; and the first few by name."""

    total: Figure | None
    by_filter: dict[int, Figure] = field(default_factory=dict)
    first: list[Person] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        """Whether there are more people than shown."""
        return self.total is not None and self.total.number != len(self.first)


def find(whole: Q | None, each: Mapping[int, Q], *, name: str) -> Found:
    """Count a smart list (None: not complete) and its filters, in about a second at most.

    `name` is whose question it is: an older one of that name stops. Raises AskedAnew for that one.
    """
    began = monotonic()
    named = {f"filter_{pk}": condition for pk, condition in each.items()}
    counted = _whole(whole, name)
    counted |= _by_filter(named, hurry=monotonic() - began > EACH)
    asked = named if whole is None else {"whole": whole, **named}
    if missing := {key: asked[key] for key in asked if counted[key] is None}:
        counted |= _sample(missing)
    figures = {pk: counted[f"filter_{pk}"] or UNKNOWN for pk in each}
    if whole is None:
        return Found(None, figures)
    return Found(counted["whole"] or UNKNOWN, figures, _first(whole))


def count(people: PersonQuerySet, *, name: str) -> Figure:
    """How many of these people there are, soon; about how many where they are too many. Raises AskedAnew."""
    try:
        with patience.at_most(WHOLE, name=name):
            return Figure(people.order_by().count())
    except patience.AskedAnew:
        raise
    except TookTooLong:
        return _sampled(people)


def _sampled(people: PersonQuerySet) -> Figure:
    try:
        with patience.at_most(SAMPLING):
            ids, step = _spread()
            return Figure(people.order_by().filter(pk__among=ids).count() * step, each=step)
    except TookTooLong:
        return UNKNOWN


Counted = dict[str, Figure | None]


def _whole(whole: Q | None, name: str) -> Counted:
    """Where there is an index, it is used; so that comes before the filters, which are one look at all."""
    if whole is None:
        return {}
    try:
        with patience.at_most(WHOLE, name=name):
            return {"whole": Figure(Person.objects.present().filter(whole).count())}
    except patience.AskedAnew:
        raise
    except TookTooLong:
        return {"whole": None}


def _by_filter(named: Mapping[str, Q], *, hurry: bool) -> Counted:
    if hurry or not named:
        return dict.fromkeys(named)
    try:
        with patience.at_most(EACH):
            return {key: Figure(number) for key, number in audience.counts(named).items()}
    except TookTooLong:
        return dict.fromkeys(named)


def _sample(asked: Mapping[str, Q]) -> Counted:
    """What some thousand people say for all, spread over everybody there ever was."""
    try:
        with patience.at_most(SAMPLING):
            ids, step = _spread()
            there = Person.objects.filter(pk__among=ids)
            hits = audience.counts(asked, among=there)
    except TookTooLong:
        return dict.fromkeys(asked)
    return {key: Figure(number * step, each=step) for key, number in hits.items()}


def _spread() -> tuple[list[int], int]:
    """Ids, one somewhere in each stretch, and how long a stretch is."""
    ends = Person.objects.aggregate(low=Min("pk"), high=Max("pk"))
    low, high = ends["low"] or 0, ends["high"] or 0
    step = max(1, (high - low + 1) // SAMPLE)
    # Not always the same place of a stretch: people who came by one import follow one another.
    return [at + (at * 2_654_435_761 >> 8) % step for at in range(low, high + 1, step)], step


def _first(whole: Q) -> list[Person]:
    found = Person.objects.present().filter(whole).order_by("last_name", "first_name", "pk")
    try:
        with patience.at_most(FIRST):
            return list(found[:SHOWN])
    except TookTooLong:
        return []


def _round(number: int) -> str:
    step: int = 10 ** max(len(str(number)) - 2, 0)
    return number_format(round(number / step) * step, force_grouping=True)
