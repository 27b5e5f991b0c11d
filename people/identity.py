"""Under which numbers, addresses and spellings people are or were known, as far as anything here tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from people import activity, following
from people.models import Activity, Person

NUMBERED = ("mobile", "mobile_typed")
TYPED = ("mobile_typed", "phone")
ADDRESSES = "addresses"
"""The detail in which a merge keeps the addresses of those who are gone (`people.merging`)."""


def numbers(ids: Sequence[int]) -> set[str]:
    """Every number these people have or had, E.164."""
    found = set(Person.objects.filter(pk__in=ids).values_list("mobile", flat=True))
    found |= {each for each in _before(ids, NUMBERED) if _is_whole(each)}
    for follower in following.everybody():
        found |= follower.numbers(ids)
    return found - {""}


def addresses(ids: Sequence[int]) -> set[str]:
    """Every e-mail address these people have or had, in lower case."""
    found = set(Person.objects.filter(pk__in=ids).values_list("email", flat=True))
    found |= _before(ids, ("email",))
    for details in _details(ids, ADDRESSES):
        found |= {str(each) for each in details}
    return {each.strip().lower() for each in found} - {""}


def typed(ids: Sequence[int]) -> set[str]:
    """Every number as it was typed, in lower case: also what was no number."""
    rows = Person.objects.filter(pk__in=ids).values_list(*TYPED)
    found = {each for row in rows for each in row} | _before(ids, TYPED)
    return {each.strip().lower() for each in found} - {""}


def _before(ids: Sequence[int], names: Iterable[str]) -> set[str]:
    """What stood in these fields, as the history of changes has it."""
    told = [each for each in _details(ids, "changes") if isinstance(each, dict)]
    pairs = [changes[name] for changes in told for name in names if name in changes]
    return {str(one) for pair in pairs for one in pair if one}


def _details(ids: Sequence[int], name: str) -> Iterator[Any]:
    kinds = [each.word for each in activity.kinds.values() if name in each.personal]
    lines = Activity.objects.filter(person__in=ids, kind__in=kinds)
    for details in lines.values_list("details", flat=True):
        if details.get(name):
            yield details[name]


def _is_whole(text: str) -> bool:
    return text.startswith("+") and text[1:].isdigit() and len(text) <= 16
