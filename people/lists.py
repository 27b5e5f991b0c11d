"""Static lists: made, filled, emptied, renamed and deleted. The people on them stay in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from people import activity
from people.activity import Happening
from people.models import StaticList, StaticListMember


class Use(Protocol):
    """Where a list is used, in words, and the page on which that can be changed."""

    @property
    def words(self) -> str: ...

    @property
    def url(self) -> str: ...


class Keeper(Protocol):
    """What stands above people and holds static lists (settings.STATIC_LIST_KEEPERS)."""

    def uses(self, static_list: StaticList) -> Sequence[Use]:
        """What needs the list."""

    def page(self, static_list: StaticList) -> tuple[str, str]:
        """Where it stands there, or can be put: words and an address."""

    def renamed(self, static_list: StaticList) -> None:
        """It has another name now."""

    def deleting(self, static_list: StaticList) -> None:
        """It is about to be deleted; nothing uses it."""


class InUse(Exception):
    """Why a list stays; `uses` says where it is used."""

    def __init__(self, uses: Sequence[Use]) -> None:
        super().__init__(*(each.words for each in uses))
        self.uses = uses


def create(name: str, *, now: datetime) -> StaticList:
    """A new, empty list. The name must be free among those that are not in the bin."""
    return StaticList.objects.create(name=name.strip(), created_at=now)


def rename(static_list: StaticList, *, name: str) -> None:
    """Give a list another name. Raises IntegrityError when another list has it."""
    static_list.name = name.strip()
    static_list.save(update_fields=["name"])
    for keeper in _keepers():
        keeper.renamed(static_list)


def uses(static_list: StaticList) -> list[Use]:
    """What needs the list, wherever that is: it cannot be deleted before."""
    return [use for keeper in _keepers() for use in keeper.uses(static_list)]


def pages(static_list: StaticList) -> list[tuple[str, str]]:
    """Where else it is shown, or may be put: (words, address)."""
    return [keeper.page(static_list) for keeper in _keepers()]


@transaction.atomic
def delete(static_list: StaticList) -> None:
    """Delete a list, never the people on it. Raises InUse."""
    if found := uses(static_list):
        raise InUse(found)
    for keeper in _keepers():
        keeper.deleting(static_list)
    static_list.delete()


def add(to: StaticList, person_ids: Iterable[int], *, by: str, now: datetime) -> set[int]:
    """Put people on a list, write it into their history, and return those who were not on it yet.

    A fixed number of statements for any number of people (they are named in slices of 10,000).
    """
    asked = sorted(set(person_ids))
    with transaction.atomic():
        new = sorted(set(asked) - _members(to, asked))
        StaticListMember.objects.bulk_create(
            [StaticListMember(static_list=to, person_id=pk, added_at=now) for pk in new],
            ignore_conflicts=True,
            batch_size=1_000,
        )
        _log(activity.ADD_TO_LIST, to, new, by=by, now=now)
    return set(new)


def remove(from_: StaticList, person_ids: Iterable[int], *, by: str, now: datetime) -> set[int]:
    """Take people off a list (never out of the database) and return those who were on it."""
    asked = sorted(set(person_ids))
    with transaction.atomic():
        there = sorted(_members(from_, asked))
        StaticListMember.objects.filter(static_list=from_, person__in=there).delete()
        _log(activity.REMOVE_FROM_LIST, from_, there, by=by, now=now)
    return set(there)


def _keepers() -> list[Keeper]:
    return [import_string(name) for name in settings.STATIC_LIST_KEEPERS]


def _members(of: StaticList, person_ids: list[int]) -> set[int]:
    members = StaticListMember.objects.filter(static_list=of, person__in=person_ids)
    return set(members.values_list("person_id", flat=True))


def _log(
    kind: activity.Kind, what: StaticList, person_ids: list[int], *, by: str, now: datetime
) -> None:
    details = {"list": what.name, "list_id": what.pk, "by": by}
    activity.record(kind, (Happening(pk, details) for pk in person_ids), at=now)
