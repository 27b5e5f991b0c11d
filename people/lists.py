"""Static lists: made, filled and emptied."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from people import activity
from people.activity import Happening
from people.models import StaticList, StaticListMember


def create(name: str, *, now: datetime) -> StaticList:
    """A new, empty list. The name must be free (`StaticList.name` is unique)."""
    return StaticList.objects.create(name=name.strip(), created_at=now)


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


def _members(of: StaticList, person_ids: list[int]) -> set[int]:
    members = StaticListMember.objects.filter(static_list=of, person__in=person_ids)
    return set(members.values_list("person_id", flat=True))


def _log(
    kind: activity.Kind, what: StaticList, person_ids: list[int], *, by: str, now: datetime
) -> None:
    details = {"list": what.name, "list_id": what.pk, "by": by}
    activity.record(kind, (Happening(pk, details) for pk in person_ids), at=now)
