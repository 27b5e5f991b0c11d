"""Rows of imports that were not taken are emptied when somebody they tell of is erased; the row stays.

They are told by number, by address and by what was typed. A name alone tells nobody: others have it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from people import mobile
from people.models import ImportReject

_NUMBER = re.compile(r"\d(?:[\s().\-/]*\d){5,}")  # with whatever people write between the digits
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")


@dataclass(frozen=True)
class Marks:
    """By what a cell tells of somebody: the digits of numbers, and addresses and words in lower case."""

    digits: frozenset[str]
    addresses: frozenset[str]
    words: frozenset[str]

    def are_in(self, cell: str) -> bool:
        text = cell.strip().lower()
        found = text in self.words or not self.addresses.isdisjoint(_ADDRESS.findall(text))
        return found or not self.digits.isdisjoint(_digits(text))


def marks(numbers: Iterable[str], addresses: Iterable[str], words: Iterable[str]) -> Marks:
    """Of people with these numbers (E.164), addresses and numbers as they were typed."""
    spelt = {one for each in numbers for one in mobile.spellings(each)}
    return Marks(frozenset(spelt), frozenset(addresses), frozenset(words))


def empty(of: Marks) -> int:
    """Empty every row with such a cell; how many. One look through all of them."""
    rejects = ImportReject.objects.exclude(cells=[]).values_list("pk", "cells")
    found = [
        pk
        for pk, cells in rejects.iterator(chunk_size=2_000)
        if any(of.are_in(str(cell)) for cell in cells)
    ]
    why = _("Let go of with somebody who was erased.")  # what it said may have quoted a cell
    return ImportReject.objects.filter(pk__among=found).update(cells=[], reason=why)


def _digits(text: str) -> Iterable[str]:
    """Of each number in a text, and of its parts: two may stand side by side."""
    for run in _NUMBER.findall(text):
        yield re.sub(r"\D", "", run)
        for part in re.split(r"[\s/]+", run):
            yield re.sub(r"\D", "", part)
