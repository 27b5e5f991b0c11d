"""Possible duplicates: people who share a number, an e-mail address or a full name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Value, Window
from django.db.models.functions import Concat, Lower, RowNumber
from django.db.models.lookups import In
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.folding import Fold
from people.models import Person

SIZE = 25
SHOWN = 5  # of a group; the rest is a number


@dataclass(frozen=True)
class By:
    """What people share: its word in addresses, its name on screen, the key, and who has one at all."""

    word: str
    label: str | Promise
    key: Any
    has_one: Q
    of_outer: Any = (
        None  # the key of the person in question, where an index leads to others with it
    )

    @property
    def is_indexed(self) -> bool:
        return self.of_outer is not None


BY = {
    each.word: each
    for each in [
        By("mobile", _("Mobile Phone Number"), F("mobile"), ~Q(mobile=""), OuterRef("mobile")),
        By("email", _("Email Address"), Lower("email"), ~Q(email=""), Lower(OuterRef("email"))),
        By(
            "name",
            _("Full Name"),
            Fold(Concat("last_name", Value(", "), "first_name")),
            ~Q(last_name=""),
        ),
    ]
}


@dataclass(frozen=True)
class Group:
    """Some who share a key: how many in all, and the first of them by id."""

    key: str
    count: int
    people: list[Person]

    @property
    def more(self) -> int:
        return self.count - len(self.people)


@dataclass(frozen=True)
class Page:
    """Groups in the order of their keys; `after` is how the next page is asked for, '' at the end."""

    groups: list[Group]
    after: str


def page(by: By, *, after: str = "", size: int = SIZE) -> Page:
    """The groups behind the key `after`: two statements, however many people there are."""
    behind = _keyed(by).filter(key__gt=after) if after else _keyed(by)
    counted = _shared(behind).order_by("key").values_list("key", "count")
    found = list(counted[: size + 1])
    shown = dict(found[:size])
    members = _members(by, list(shown))
    groups = [Group(key, count, members.get(key, [])) for key, count in shown.items()]
    return Page(groups, found[size - 1][0] if len(found) > size else "")


def condition(by: By) -> Q:
    """That somebody else who is present has the same, as a condition on people.

    Where there is an index of the key, one look at it a person: the first page need not count everybody.
    """
    if not by.is_indexed:
        return by.has_one & Q(In(by.key, _shared(_keyed(by)).values("key")))
    same = Person.objects.present().annotate(key=by.key).filter(key=by.of_outer)
    return by.has_one & Q(Exists(same.exclude(pk=OuterRef("pk")).order_by()))


def _keyed(by: By) -> Any:
    return Person.objects.present().filter(by.has_one).annotate(key=by.key).order_by()


def _shared(keyed: Any) -> Any:
    return keyed.values("key").annotate(count=Count("pk")).filter(count__gt=1)


def _members(by: By, keys: Sequence[str]) -> dict[str, list[Person]]:
    place: Any = Window(RowNumber(), partition_by=by.key, order_by=F("pk").asc())
    found = _keyed(by).filter(key__in=keys).annotate(place=place).filter(place__lte=SHOWN)
    members = dict[str, list[Person]]()
    for person in found.order_by("key", "pk"):
        members.setdefault(person.key, []).append(person)
    return members
