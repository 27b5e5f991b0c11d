"""How other apps follow when people are merged or erased: people are below them and know none.

`settings.PERSON_FOLLOWERS` names instances of `Follower`, in the order in which everybody locks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Merge:
    """Several records of one person become the survivor's."""

    survivor: int
    others: Sequence[int]
    now: datetime


@dataclass(frozen=True)
class Erasure:
    """These people are to be forgotten; `numbers` are those nobody else has, each with its pseudonym."""

    people: Sequence[int]
    numbers: Mapping[str, str]
    now: datetime


class Follower:
    """An app that keeps something about people. It does nothing until it says what."""

    moves: tuple[str, ...] = ()
    """Models (`app.Model`) whose rows `merge` moves by itself."""

    def held(self, people: Sequence[int]) -> set[int]:
        """The ids of what has to be locked before these people are."""
        return set()

    def lock(self, people: Sequence[int]) -> set[int]:
        """Lock that, in order, and say what it was. Called before the people are locked."""
        return set()

    def look(self, people: Sequence[int]) -> list[str]:
        """What a merge of these people would mean here, in sentences."""
        return []

    def merge(self, merge: Merge) -> None:
        """Move what belongs to the others. All of it is locked."""

    def busy(self, people: Sequence[int], now: datetime) -> set[int]:
        """Who of them may not be erased at this moment."""
        return set()

    def numbers(self, people: Sequence[int]) -> set[str]:
        """Numbers under which these people are known here."""
        return set()

    def in_use(self, numbers: Collection[str], people: Sequence[int]) -> set[str]:
        """Those of the numbers that something of others needs as they are."""
        return set()

    def erase(self, erasure: Erasure) -> set[str]:
        """Forget them; give the numbers of which something is remembered under their pseudonym."""
        return set()

    def come_back(self, numbers: Mapping[str, str], now: datetime) -> None:
        """Numbers that were erased are there again, by pseudonym: what was remembered counts anew."""


def everybody() -> list[Follower]:
    """The followers, in the order in which they lock."""
    return [import_string(path) for path in settings.PERSON_FOLLOWERS]
