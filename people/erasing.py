"""Erasing people for good: their data go, the counts stay, and who was barred stays barred.

What is left of somebody is an empty row with its id, so that every ledger adds up as before. Numbers
that nobody else has become keyed hashes (`people.pseudonym`) wherever they stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils.translation import gettext as _

from people import activity, blanks, following, keyed, pseudonym, suppression
from people.following import Erasure
from people.models import (
    Activity,
    ImportReject,
    ImportTrace,
    Person,
    StaticListMember,
    Suppression,
)
from people.suppression import Reason

SLICE = 200
LATER = timedelta(minutes=10)
_NUMBERED = ("mobile", "mobile_typed")


def due(now: datetime) -> bool:
    """Whether somebody is to be erased now."""
    return Person.objects.in_the_bin().filter(erase_at__lte=now).exists()


def erase_due(*, clock: Callable[[], datetime], budget: float = 20.0) -> bool:
    """Erase whose time has come, slice by slice, for about `budget` seconds; whether there is more.

    Safe to call again at any time, by anybody, after a crash too.
    """
    ends = clock() + timedelta(seconds=budget)
    while clock() < ends:
        if not erase_some(now=clock()):
            return False
    return due(clock())


@transaction.atomic
def erase_some(*, now: datetime, most: int = SLICE) -> int:
    """Erase some whose time has come; how many. Whoever is being texted this moment comes later."""
    suppression.wait_for_erasures(share=False)
    people = _take(now, most)
    if people:
        _erase(people, now)
    return len(people)


def _take(now: datetime, most: int) -> list[Person]:
    """Locked, and without those for whom it is not the moment: they are put off."""
    rows = Person.objects.in_the_bin().filter(erase_at__lte=now).order_by("erase_at", "pk")
    ids = sorted(rows.values_list("pk", flat=True)[:most])
    locked = rows.filter(pk__in=ids).order_by("pk").select_for_update()
    people = {each.pk: each for each in locked}
    for follower in following.everybody():
        busy = follower.busy(list(people), now)
        Person.objects.filter(pk__in=busy).update(erase_at=now + LATER)
        people = {pk: each for pk, each in people.items() if pk not in busy}
    return list(people.values())


def _erase(people: Sequence[Person], now: datetime) -> None:
    ids = [each.pk for each in people]
    ids += Person.objects.filter(merged_into__in=ids).values_list("pk", flat=True)
    numbers = _numbers(ids)
    words = pseudonym.of_all(numbers - _held_by_others(numbers, ids))
    _empty_rejects(people, numbers)
    _forget(Erasure(ids, words, now), _barred(people, words))
    _strip_history(ids)
    StaticListMember.objects.filter(person__in=ids).delete()
    ImportTrace.objects.filter(person_id__among=ids).delete()
    LogEntry.objects.filter(
        content_type__app_label="people",
        content_type__model="person",
        object_id__in=[str(pk) for pk in ids],
    ).update(object_repr="")
    Person.objects.filter(pk__in=ids).update(**blanks.blank(), erased_at=now, updated_at=now)


def _forget(erasure: Erasure, barred: Mapping[str, str]) -> None:
    """Let the followers forget too, and remember what has to be known when a number comes back."""
    kept = {one for each in following.everybody() for one in each.erase(erasure)}
    back = Suppression.objects.filter(mobile__among=erasure.numbers)  # was erased before
    kept |= {each for each in back.values_list("mobile", flat=True) if each}
    reasons = dict.fromkeys(sorted(kept), str(Reason.NONE)) | dict(barred)
    suppression.keep(reasons, erasure.numbers, now=erasure.now)


def _barred(people: Sequence[Person], words: Mapping[str, str]) -> dict[str, str]:
    """Why, by number, of those whose number goes with them; the sterner reason wins."""
    barred = dict[str, str]()
    for flag, why in (
        ("marketing_suspended", Reason.MARKETING_SUSPENDED),
        ("block_listed", Reason.BLOCK_LISTED),
    ):
        these = [each.mobile for each in people if each.mobile in words and getattr(each, flag)]
        barred |= dict.fromkeys(these, str(why))
    return barred


# --- Numbers --------------------------------------------------------------------------------------


def _numbers(ids: Sequence[int]) -> set[str]:
    """Every number these people have or had, as far as anything here tells."""
    found = set(Person.objects.filter(pk__in=ids).values_list("mobile", flat=True))
    kinds = [each.word for each in activity.kinds.values() if "changes" in each.personal]
    lines = Activity.objects.filter(person__in=ids, kind__in=kinds)
    for details in lines.values_list("details", flat=True):
        changes = details.get("changes")
        found |= set(_in_changes(changes)) if isinstance(changes, dict) else set()
    for follower in following.everybody():
        found |= follower.numbers(ids)
    return found - {""}


def _in_changes(changes: Mapping[str, Any]) -> Iterable[str]:
    pairs = [changes[name] for name in _NUMBERED if name in changes]
    return [
        str(one)
        for pair in pairs
        for one in pair
        if str(one).startswith("+") and str(one)[1:].isdigit() and len(str(one)) <= 16
    ]


def _held_by_others(numbers: set[str], ids: Sequence[int]) -> set[str]:
    """Somebody else has it, or is owed something there: it stays until the last of them is erased."""
    others = Person.objects.filter(mobile__among=numbers, erased_at=None).exclude(pk__in=ids)
    held = set(others.values_list("mobile", flat=True))
    for follower in following.everybody():
        held |= follower.in_use(numbers, ids)
    return held


# --- Words ----------------------------------------------------------------------------------------


def _strip_history(ids: Sequence[int]) -> None:
    """The details that kinds call personal; of kinds nobody knows any more, all of them."""
    lines = Activity.objects.filter(person__in=ids)
    for kind in activity.kinds.values():
        for name in kind.personal:
            named = lines.filter(kind=kind.word, details__has_key=name)
            named.update(details=keyed.Drop("details", name))
    lines.exclude(kind__in=list(activity.kinds)).update(details={})


def _empty_rejects(people: Sequence[Person], numbers: Iterable[str]) -> None:
    """Rows of imports that were not taken and hold their address or number: the row stays, empty."""
    addresses = {each.email.lower() for each in people} - {""}
    ends = {each[-9:] for each in numbers}
    if not addresses | ends:
        return
    rejects = ImportReject.objects.exclude(cells=[]).values_list("pk", "cells")
    found = [
        pk
        for pk, cells in rejects.iterator(chunk_size=2_000)
        if any(_tells(str(cell), addresses, ends) for cell in cells)
    ]
    why = _("Let go of with somebody who was erased.")  # what it said may have quoted a cell
    ImportReject.objects.filter(pk__among=found).update(cells=[], reason=why)


def _tells(cell: str, addresses: set[str], ends: set[str]) -> bool:
    digits = "".join(letter for letter in cell if letter.isdigit())
    return cell.strip().lower() in addresses or digits[-9:] in ends
