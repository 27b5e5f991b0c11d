"""Deleting people: first into the recycle bin, from where they come back whole, then for good.

Taking somebody off a list is another thing, and done elsewhere (`lists.remove`). Each of these goes in
slices with a transaction of its own; repeated after a crash, it does what is left to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction

from people import activity, blanks
from people.activity import Happening, Kind
from people.models import Person, PersonQuerySet

SLICE = 1_000
DELETED = activity.register(
    Kind("delete_person", "Delete Person", "Put into the recycle bin by {by}")
)
RESTORED = activity.register(
    Kind("restore_person", "Restore Person", "Taken out of the recycle bin by {by}")
)
ERASED = activity.register(
    Kind("erase_person", "Erase Person", "To be erased for good, as {by} wants")
)


def delete(ids: Iterable[int], *, by: str, now: datetime) -> int:
    """Put these people into the bin, to be erased in 30 days; how many were still there.

    Nothing of theirs is touched: the gate refuses them from now on, and a text that was permitted
    before may still leave.
    """
    return sum(_delete(some, by, now) for some in _slices(ids))


def restore(ids: Iterable[int], *, by: str, now: datetime) -> int:
    """Take these people out of the bin, with everything that was theirs; how many were still in it."""
    return sum(_restore(some, by, now) for some in _slices(ids))


def erase_soon(ids: Iterable[int], *, by: str, now: datetime) -> int:
    """Have these people of the bin erased at once (`erasing` does, in a worker); how many that are."""
    return sum(_erase_soon(some, by, now) for some in _slices(ids))


def erase_all_soon(*, by: str, now: datetime) -> int:
    """Empty the bin of everybody who is in it now."""
    ids = Person.objects.in_the_bin().values_list("pk", flat=True)
    return erase_soon(list(ids), by=by, now=now)


@transaction.atomic
def _delete(ids: list[int], by: str, now: datetime) -> int:
    there = _lock(Person.objects.present(), ids)
    Person.objects.filter(pk__among=there).update(**blanks.binned(now))
    return activity.record(DELETED, [Happening(pk, {"by": by}) for pk in there], at=now)


@transaction.atomic
def _restore(ids: list[int], by: str, now: datetime) -> int:
    there = _lock(Person.objects.in_the_bin(), ids)
    Person.objects.filter(pk__among=there).update(deleted_at=None, updated_at=now, erase_at=None)
    return activity.record(RESTORED, [Happening(pk, {"by": by}) for pk in there], at=now)


@transaction.atomic
def _erase_soon(ids: list[int], by: str, now: datetime) -> int:
    there = _lock(Person.objects.in_the_bin().filter(erase_at__gt=now), ids)
    Person.objects.filter(pk__among=there).update(erase_at=now)
    return activity.record(ERASED, [Happening(pk, {"by": by}) for pk in there], at=now)


def _lock(people: PersonQuerySet, ids: list[int]) -> list[int]:
    """Those of them who are still so, locked in the order in which all lock people."""
    rows = people.filter(pk__among=ids).order_by("pk").select_for_update(no_key=True)
    return list(rows.values_list("pk", flat=True))


def _slices(ids: Iterable[int]) -> Iterator[list[int]]:
    wanted = sorted(set(ids))
    return (wanted[start : start + SLICE] for start in range(0, len(wanted), SLICE))
