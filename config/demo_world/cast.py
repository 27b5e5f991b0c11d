"""The 500 people, made from places, fates and names. The same ones every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, cycle

from people.models import Person

from . import names
from .fates import NUMBER_ENDS_IN, WITHOUT_NUMBER, Fate, households
from .places import FOREIGN_AREA_CODES, PLACES, Place, number, numbers

SPELLINGS = ("({}) {}-{}", "{}-{}-{}", "+1 {} {} {}", "{}.{}.{}", "1-{}-{}-{}", "{} {} {}")
NO_NUMBERS = ("312-555-01", "ask reception", "555-0142", "000-555-0142", "n/a", "312 555 O1I9")
NEW_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Part:
    """Somebody of the cast: who, where, with which number, and what will stand against a text."""

    place: Place
    fate: Fate
    typed: str
    serial: int
    family: int
    member: int = 0

    @property
    def is_new(self) -> bool:
        """Came in the last days: after the run that is over."""
        joined = self.fate == Fate.MEMBER and self.serial % 29 == 5
        return joined or self.fate == Fate.NOT_ASKED_YET


def parts() -> list[Part]:
    """Everybody, neighbours and reasons well mixed."""
    everybody = list(_parts())
    return sorted(everybody, key=lambda part: part.serial * 197 % len(everybody))


def person(part: Part, *, now: datetime) -> Person:
    """The record of one of them; not saved."""
    first, last = _name(part)
    came = _came(part, now)
    made = Person(
        first_name=first,
        last_name=last,
        email=_email(part, first, last),
        company=names.COMPANIES[part.serial * 7 % len(names.COMPANIES)],
        job_title=names.JOBS[part.serial * 5 % len(names.JOBS)],
        city=part.place.city,
        state=part.place.state,
        postal_code=part.place.postal_code,
        country=part.place.country,
        time_zone=part.place.zone if part.serial % 3 else "",
        score=part.serial * 37 % 101,
        source=names.SOURCES[part.serial * 11 % len(names.SOURCES)],
        block_listed=part.fate == Fate.BLOCK_LISTED,
        marketing_suspended=part.fate == Fate.SUSPENDED,
        unsubscribed=part.fate == Fate.MEMBER_WITHOUT_MAIL,
        created_at=came,
        updated_at=came,
    )
    made.set_mobile(part.typed)
    return made


def _parts() -> Iterator[Part]:
    serials, families, bad = count(), count(), cycle(NO_NUMBERS)
    abroad = cycle(numbers(FOREIGN_AREA_CODES))
    for place in PLACES:
        start, local = next(serials), numbers(place.area_codes)
        serials = count(start)
        for household in households(place.city, place.people, start=start):
            family, shared = next(families), ""
            for member, fate in enumerate(household):
                serial = next(serials)
                typed = _typed(fate, shared, place, local, abroad, bad, serial)
                shared = shared or typed
                yield Part(place, fate, typed, serial, family, member)


def _typed(
    fate: Fate,
    shared: str,
    place: Place,
    local: Iterator[str],
    abroad: Iterator[str],
    bad: Iterator[str],
    serial: int,
) -> str:
    """A number as somebody typed it; a family's next member has the first one's."""
    if shared:
        return shared
    if fate in WITHOUT_NUMBER:
        return next(bad) if fate == Fate.INVALID_NUMBER else ""
    if fate in NUMBER_ENDS_IN:
        return number(place.area_codes[0], NUMBER_ENDS_IN[fate])
    e164 = next(abroad) if fate == Fate.FOREIGN_NUMBER else next(local)
    spelling = SPELLINGS[serial % len(SPELLINGS)]
    return spelling.format(e164[2:5], e164[5:8], e164[8:])


def _name(part: Part) -> tuple[str, str]:
    """A first name of one's own, the family's last name."""
    at_home = part.place.at_home and part.family % 2
    cultures = names.EVERYWHERE
    culture = part.place.at_home if at_home else cultures[part.family % len(cultures)]
    firsts, lasts = names.CULTURES[culture]
    turn = part.family // len(cultures)
    # Two strides, so that a first name meets each last name before a pair comes again.
    first = turn * 3 + turn // len(lasts) + part.member + (part.family if at_home else 0)
    return firsts[first % len(firsts)], lasts[turn % len(lasts)]


def _email(part: Part, first: str, last: str) -> str:
    called = ".".join(filter(None, [names.address_part(first), names.address_part(last)]))
    domain = ("example.com", "example.org", "example.net")[part.serial % 3]
    return f"{called or 'hello'}{part.serial}@{domain}"


def _came(part: Part, now: datetime) -> datetime:
    """When they came in: for most on one of fifty days long ago."""
    day = now.replace(hour=14, minute=part.serial % 5 * 11, second=0, microsecond=0)
    if part.is_new:
        return day - timedelta(days=1 + part.serial % 5)
    return day - timedelta(days=90 + part.serial % 50 * 6)
