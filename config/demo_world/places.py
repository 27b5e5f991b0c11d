"""Where the demo's people live, and the numbers there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A city with so many of our people, its real area codes, and what many speak there."""

    city: str
    state: str
    postal_code: str
    zone: str
    area_codes: tuple[str, ...]
    people: int
    country: str = "United States"
    at_home: str = ""


_EAST, _CENTRAL, _WEST = "America/New_York", "America/Chicago", "America/Los_Angeles"
CANADA = "Canada"
PLACES = (
    Place("Chicago", "IL", "60601", _CENTRAL, ("312", "773", "872"), 130),
    Place("New York", "NY", "10001", _EAST, ("212", "646", "917"), 46),
    Place("Toronto", "ON", "M5H 2N2", "America/Toronto", ("416", "647"), 40, CANADA),
    Place("Los Angeles", "CA", "90012", _WEST, ("213", "323"), 34, at_home="Spanish"),
    Place("Montréal", "QC", "H2Y 1C6", "America/Toronto", ("514", "438"), 30, CANADA, "French"),
    Place("Boston", "MA", "02108", _EAST, ("617", "857"), 30, at_home="Irish"),
    Place("Houston", "TX", "77002", _CENTRAL, ("713", "832"), 24, at_home="Vietnamese"),
    Place("Vancouver", "BC", "V6B 1A1", "America/Vancouver", ("604", "778"), 22, CANADA, "Chinese"),
    Place("Phoenix", "AZ", "85004", "America/Phoenix", ("602", "480"), 18, at_home="Spanish"),
    Place("Seattle", "WA", "98101", _WEST, ("206",), 18),
    Place("Honolulu", "HI", "96813", "Pacific/Honolulu", ("808",), 16, at_home="Hawaiian"),
    Place("Denver", "CO", "80202", "America/Denver", ("303", "720"), 14),
    Place("Atlanta", "GA", "30303", _EAST, ("404",), 14),
    Place("Miami", "FL", "33130", _EAST, ("305",), 14, at_home="Spanish"),
    Place("St. John's", "NL", "A1C 5M2", "America/St_Johns", ("709",), 14, CANADA, "Irish"),
    Place("Calgary", "AB", "T2P 2M5", "America/Edmonton", ("403",), 10, CANADA),
    Place("Winnipeg", "MB", "R3C 0V8", "America/Winnipeg", ("204",), 8, CANADA, "Ukrainian"),
    Place("Regina", "SK", "S4P 3Y2", "America/Regina", ("306",), 8, CANADA),
    Place("Anchorage", "AK", "99501", "America/Anchorage", ("907",), 6),
    Place("Indianapolis", "IN", "46204", "America/Indiana/Indianapolis", ("317",), 4),
)
# They share the country code 1, but are other countries to a carrier: Jamaica, the Dominican
# Republic, Puerto Rico.
FOREIGN_AREA_CODES = ("876", "809", "787")
# Numbers that end so behave in special ways on the simulator.
_SPECIAL = {*range(60, 68), *range(80, 89)}
_ORDINARY = [ending for ending in range(100) if ending not in _SPECIAL]


def numbers(area_codes: tuple[str, ...]) -> Iterator[str]:
    """E.164 numbers for stories in these areas, in an order that looks like none."""
    count = len(_ORDINARY)  # a prime, so that the stride meets every ending once
    for place in range(count):
        for area_code in area_codes:
            yield number(area_code, _ORDINARY[place * 37 % count])


def number(area_code: str, ending: int) -> str:
    return f"+1{area_code}55501{ending:02}"
