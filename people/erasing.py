"""Erasing people for good: their data go, the counts stay, and who was barred stays barred.

What is left of somebody is an empty row with its id, so that every ledger adds up as before. Numbers
that nobody else has become keyed hashes (`people.pseudonym`) wherever they stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.db import transaction

from people import (
    activity,
    blanks,
    emptying,
    exporting,
    following,
    identity,
    keyed,
    pseudonym,
    suppression,
)
from people.following import Erasure
from people.models import (
    Activity,
    ImportTrace,
    Person,
    StaticListMember,
    Suppression,
)
from people.suppression import Reason

SLICE = 200
LATER = timedelta(minutes=10)


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
        merged = _merged(people)  # something may still go on under the old id of one of these
        found = follower.busy([*people, *merged], now)
        busy = {merged.get(pk, pk) for pk in found}
        Person.objects.filter(pk__in=busy).update(erase_at=now + LATER)
        people = {pk: each for pk, each in people.items() if pk not in busy}
    return list(people.values())


def _merged(ids: Iterable[int]) -> dict[int, int]:
    """Who was merged into these, and into whom."""
    rows = Person.objects.filter(merged_into__in=list(ids))
    return {pk: into for pk, into in rows.values_list("pk", "merged_into") if into}


def _erase(people: Sequence[Person], now: datetime) -> None:
    survivors = [each.pk for each in people]
    ids = [*survivors, *_merged(survivors)]
    numbers = identity.numbers(ids)
    words = pseudonym.of_all(numbers - _held_by_others(numbers, ids))
    emptying.empty(emptying.marks(numbers, identity.addresses(ids), identity.typed(ids)))
    _forget(Erasure(ids, words, now), _barred(people, words))
    _strip_history(ids)
    _let_go(people, ids)
    Person.objects.filter(pk__in=ids).update(**blanks.blank(), erased_at=now, updated_at=now)


def _let_go(people: Sequence[Person], ids: Sequence[int]) -> None:
    """Memberships, what imports did to them, files that they may be in, and how Admin called them."""
    StaticListMember.objects.filter(person__in=ids).delete()
    ImportTrace.objects.filter(person_id__among=ids).delete()
    # Whoever is in the bin is in no new file.
    exporting.let_go(until=max(each.deleted_at for each in people if each.deleted_at))
    LogEntry.objects.filter(
        content_type__app_label="people",
        content_type__model="person",
        object_id__in=[str(pk) for pk in ids],
    ).update(object_repr="")


def _forget(erasure: Erasure, barred: Mapping[str, str]) -> None:
    """Let the followers forget too, and remember what has to be known when a number comes back."""
    kept = {one for each in following.everybody() for one in each.erase(erasure)}
    back = Suppression.objects.filter(mobile__among=erasure.numbers)  # was erased before
    kept |= {each for each in back.values_list("mobile", flat=True) if each}
    reasons = dict.fromkeys(sorted(kept), str(Reason.NONE)) | dict(barred)
    shared = barred.keys() - erasure.numbers.keys()
    words = {**erasure.numbers, **pseudonym.of_all(shared)}
    suppression.keep(reasons, words, shared=shared, now=erasure.now)


def _barred(people: Sequence[Person], words: Mapping[str, str]) -> dict[str, str]:
    """Why, by number; the sterner reason wins.

    Of those barred, every number they have or had that goes with them (`words`), and of numbers that
    others have too, the ones that they have.
    """
    barred = dict[str, str]()
    for flag, why in (
        ("marketing_suspended", Reason.MARKETING_SUSPENDED),
        ("block_listed", Reason.BLOCK_LISTED),
    ):
        these = [each.pk for each in people if getattr(each, flag)]
        ids = [*these, *_merged(these)]
        theirs = Person.objects.filter(pk__in=ids).with_mobile()
        had = identity.numbers(ids) & words.keys() if ids else set()
        had |= set(theirs.values_list("mobile", flat=True))
        barred |= dict.fromkeys(sorted(had), str(why))
    return barred


# --- Numbers --------------------------------------------------------------------------------------


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
