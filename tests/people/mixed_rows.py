"""A file of any size as people bring it: good rows, people twice, bad numbers, bad addresses, broken rows.

Of ten rows six make a new person each (one of them without a number), one changes the person above,
and three are rejects: an address that is none, a cell too few, nobody at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.people.many_numbers import SPELLINGS, US

HEAD = "First Name,Last Name,Email Address,Mobile,City,Score\n"
NEW, UPDATED, REJECTED, INVALID = 6, 1, 3, 1  # of ten rows


def write(path: Path, rows: int) -> Path:
    """`rows` of them (a multiple of ten) as a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEAD)
        file.writelines(_lines(rows))
    return path


def _lines(rows: int) -> Iterator[str]:
    for start in range(0, rows, 10):
        for place in range(start, start + 5):
            yield f"Ana,=Eve{place},p{place}@example.com,{_number(place)},Chicago,{place % 90}\n"
        yield f"Zoë,O'Hara,p{start + 5}@example.com,call me,Montréal,\n"
        yield f"Ann,Changed,P{start + 4}@Example.com,,Boston,7\n"
        yield f"Bad,Address,p{start}@,,Boston,\n"
        yield f"Short,Row,p{start + 8}@example.com\n"
        yield ",,,12,Nowhere,3\n"


def _number(place: int) -> str:
    spell = SPELLINGS[place % len(SPELLINGS)]
    return f'"{spell(str(US[place % len(US)]), "555", f"{place % 10_000:04}")}"'
