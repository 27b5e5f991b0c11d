"""2,000 rows as bad as real files: every common spelling of 1,200 textable numbers, and 800 others.

Nothing is random: the same rows come every time, in an order that mixes good and bad.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

import phonenumbers

HEADER = ["First Name", "Last Name", "Email Address", "Mobile", "City"]
TEXTABLE = 1_200
SHARED_BY_TWO = 60
ROWS = 2_000
US = (205, 212, 213, 303, 305, 312, 404, 415, 504, 512, 602, 617, 646, 702, 713, 808, 907, 919)
CA = (204, 250, 306, 403, 416, 418, 506, 514, 604, 613, 709, 780, 867, 902)
NAMES = (
    "Ana",
    "Zoë",
    "José",
    "Siân",
    "Łukasz",
    "Ngọc",
    "Иван",
    "美咲",
    "محمد",
    "<b>Ann</b>",
    "=Eve",
    "Ann",
)
CITIES = ("Chicago", "Boston", "Montréal", "Toronto", "Honolulu", "St. John's", "")

SPELLINGS: tuple[Callable[[str, str, str], str], ...] = (
    lambda a, b, c: f"({a}) {b}-{c}",
    lambda a, b, c: f"{a}.{b}.{c}",
    lambda a, b, c: f"+1 {a} {b} {c}",
    lambda a, b, c: f"1-{a}-{b}-{c}",
    lambda a, b, c: f"{a}{b}{c}",
    lambda a, b, c: f"+1{a}{b}{c}",
    lambda a, b, c: f"1{a}{b}{c}",
    lambda a, b, c: f"{a}-{b}-{c}",
    lambda a, b, c: f"{a} {b} {c}",
    lambda a, b, c: f"tel:+1-{a}-{b}-{c}",
    lambda a, b, c: f"tel:{a}-{b}-{c}",
    lambda a, b, c: f"+1 ({a}) {b}-{c}",
    lambda a, b, c: f"1 ({a}) {b}-{c}",
    lambda a, b, c: f"+1.{a}.{b}.{c}",
    lambda a, b, c: f"{a}\u00a0{b}\u00a0{c}",
    lambda a, b, c: f"{a}\u202f{b}\u202f{c}",
    lambda a, b, c: f"\u202a+1{a}{b}{c}\u202c",
    lambda a, b, c: f"{a}\u200b{b}\u200b{c}\ufeff",
    lambda a, b, c: f"{a}\u2013{b}\u2013{c}",
    lambda a, b, c: f"{a}\u2011{b}\u2011{c}",
    lambda a, b, c: f"{a}/{b}/{c}",
    lambda a, b, c: f"({a}){b}{c}",
    lambda a, b, c: f"  {a}  {b} {c} ",
    lambda a, b, c: f"011 1 {a} {b} {c}",
    lambda a, b, c: f"{a}\u00b7{b}\u00b7{c}",
    lambda a, b, c: f"'+1{a}{b}{c}",
    lambda a, b, c: "".join(chr(ord(digit) + 0xFEE0) for digit in f"{a}{b}{c}"),
)

RUBBISH = (
    *("none", "n/a", "-", "?", "0", "000-000-0000", "123", "555-0142", "call me", "#REF!"),
    *("1234567890", "312-555-014", "312-555-01422", "999 999 9999", "+1 000 555 0142"),
    *("3.12556E+09", "ana@example.com", "312-555-0142 ext 5", "(312) 055-0142", "☎", "+", "00"),
)


@dataclass(frozen=True)
class Line:
    """A row of the file, the E.164 number it stands for, if any, and whether it is taken."""

    cells: list[str]
    e164: str = ""
    taken: bool = True


def rows() -> list[Line]:
    """The 2,000 rows: 1,200 textable (60 numbers stand twice), examples, rubbish, blanks.

    Among the examples of all regions is one US and one Canadian number: textable as well.
    """
    good, foreign = _textable(), _foreign()
    rest = ROWS - len(good) - len(foreign)
    bad = [_bad(place) for place in range(rest)]
    lines = list(enumerate(good + foreign + bad))
    return [line for _place, line in sorted(lines, key=_mixed)]


def content(encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """The same as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(HEADER)
    writer.writerows(line.cells for line in rows())
    return text.getvalue().encode(encoding)


def numbers() -> list[str]:
    """The 1,140 different textable numbers, E.164, in order."""
    areas = [area for pair in zip(US * 2, CA * 3, strict=False) for area in pair]
    found = dict.fromkeys(
        f"+1{area}55501{line:02}" for line in range(100) for area in dict.fromkeys(areas)
    )
    return sorted(list(found)[: TEXTABLE - SHARED_BY_TWO])


def _textable() -> list[Line]:
    different = numbers()
    each = different + different[:SHARED_BY_TWO]
    spell = cycle(SPELLINGS)
    return [_line(place, next(spell), number) for place, number in enumerate(each)]


def _line(place: int, spell: Callable[[str, str, str], str], number: str) -> Line:
    typed = spell(number[2:5], number[5:8], number[8:])
    return Line(_cells(place, f"good{place}@example.com", typed), number)


def _foreign() -> list[Line]:
    lines: list[Line] = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        kind = phonenumbers.PhoneNumberType.MOBILE
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        typed = phonenumbers.format_number(number, style)
        lines.append(Line(_cells(len(lines), f"{region.lower()}@example.net", typed), e164))
    return lines


def _bad(place: int) -> Line:
    typed = RUBBISH[place % len(RUBBISH)]
    kinds = (
        Line(_cells(place, f"bad{place}@example.org", typed)),
        Line(["", "", "", typed, "Chicago"], taken=False),
        Line(["", "", "", "", ""], taken=False),
        Line(_cells(place, f"bad{place}@@example", typed), taken=False),
        Line(_cells(place, f"bad{place}@example.org", "")),
        Line(["", "", "", "", "Boston"], taken=False),
    )
    return kinds[place // len(RUBBISH) % len(kinds)]


def _cells(place: int, email: str, typed: str) -> list[str]:
    name, city = NAMES[place % len(NAMES)], CITIES[place % len(CITIES)]
    return [name, f"No. {place}", email, typed, city]


def _mixed(numbered: tuple[int, Line]) -> int:
    """A place in the file that looks drawn by lot and is the same every time."""
    return numbered[0] * 7_919 % ROWS
