"""What stands, or does not stand, against texting each of the demo's people."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum, auto
from itertools import chain, cycle, repeat


class Fate(StrEnum):
    """One reason each, in the order of the gate; MEMBER has none."""

    MEMBER = auto()
    MEMBER_WITHOUT_MAIL = auto()
    BLOCK_LISTED = auto()
    SUSPENDED = auto()
    NO_NUMBER = auto()
    INVALID_NUMBER = auto()
    FOREIGN_NUMBER = auto()
    LANDLINE = auto()
    DISCONNECTED = auto()
    NOT_ASKED_YET = auto()
    NEVER = auto()
    PENDING = auto()
    DECLINED = auto()
    EXPIRED = auto()
    STOPPED = auto()
    STOPPED_LATELY = auto()
    # The simulator's own habits, chosen by how a number ends (see its handset page).
    SAYS_YES = auto()
    SAYS_NO = auto()
    RECEIPT_FAILS = auto()


Household = tuple[Fate, ...]
"""People who share a number."""

MEMBERS = frozenset({Fate.MEMBER, Fate.MEMBER_WITHOUT_MAIL, Fate.RECEIPT_FAILS})
WITHOUT_NUMBER = frozenset({Fate.NO_NUMBER, Fate.INVALID_NUMBER})
NUMBER_ENDS_IN = {Fate.SAYS_YES: 60, Fate.SAYS_NO: 61, Fate.RECEIPT_FAILS: 85}

_CHICAGO: dict[Household, int] = {
    (Fate.MEMBER, Fate.MEMBER): 2,
    (Fate.BLOCK_LISTED, Fate.MEMBER): 1,
    (Fate.MEMBER, Fate.MEMBER, Fate.MEMBER): 1,
    (Fate.RECEIPT_FAILS,): 1,
    (Fate.MEMBER_WITHOUT_MAIL,): 4,
    (Fate.BLOCK_LISTED,): 3,
    (Fate.SUSPENDED,): 4,
    (Fate.NO_NUMBER,): 5,
    (Fate.INVALID_NUMBER,): 4,
    (Fate.FOREIGN_NUMBER,): 3,
    (Fate.LANDLINE,): 3,
    (Fate.DISCONNECTED,): 1,
    (Fate.NEVER,): 6,
    (Fate.PENDING,): 4,
    (Fate.DECLINED,): 3,
    (Fate.EXPIRED,): 3,
    (Fate.STOPPED,): 4,
    (Fate.STOPPED_LATELY,): 2,
    (Fate.MEMBER,): 71,
}
_BOSTON: dict[Household, int] = {
    (Fate.SAYS_YES,): 1,
    (Fate.SAYS_NO,): 1,
    (Fate.NEVER,): 21,
    (Fate.EXPIRED,): 1,
    (Fate.BLOCK_LISTED,): 1,
    (Fate.LANDLINE,): 1,
    (Fate.PENDING,): 1,
    (Fate.MEMBER,): 3,
}
_ELSEWHERE: tuple[Fate, ...] = (
    *(Fate.MEMBER, Fate.MEMBER, Fate.NEVER, Fate.MEMBER, Fate.MEMBER_WITHOUT_MAIL),
    *(Fate.MEMBER, Fate.NO_NUMBER, Fate.MEMBER, Fate.MEMBER, Fate.STOPPED),
    *(Fate.MEMBER, Fate.NOT_ASKED_YET, Fate.MEMBER, Fate.LANDLINE, Fate.MEMBER),
    *(Fate.MEMBER, Fate.DECLINED, Fate.MEMBER, Fate.INVALID_NUMBER, Fate.MEMBER),
    *(Fate.STOPPED_LATELY, Fate.MEMBER, Fate.SUSPENDED, Fate.MEMBER, Fate.EXPIRED),
    *(Fate.MEMBER, Fate.MEMBER, Fate.FOREIGN_NUMBER, Fate.MEMBER, Fate.BLOCK_LISTED, Fate.MEMBER),
)
_FIXED = {"Chicago": _CHICAGO, "Boston": _BOSTON}
_elsewhere_households: dict[str, Household] = {
    "Toronto": (Fate.MEMBER, Fate.MEMBER),
    "Honolulu": (Fate.MEMBER, Fate.MEMBER, Fate.NEVER),
}


def households(city: str, people: int, *, start: int) -> Iterator[Household]:
    """The households of a city, `people` in all; it begins at `start` in the pattern."""
    if city in _FIXED:
        yield from chain.from_iterable(repeat(who, times) for who, times in _FIXED[city].items())
        return
    family = _elsewhere_households.get(city, ())
    if family:
        yield family
    pattern = cycle(_ELSEWHERE[start % len(_ELSEWHERE) :] + _ELSEWHERE)
    for _ in range(people - len(family)):
        yield (next(pattern),)
