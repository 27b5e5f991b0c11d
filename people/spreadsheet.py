"""CSV that spreadsheets may open: no cell is taken for a formula, and what we wrote we can read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

BOM = "\ufeff"
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)


class _Echo:
    def write(self, line: str) -> str:
        return line


def safe(cell: str) -> str:
    """The cell with an apostrophe before whatever a spreadsheet would calculate; numbers stay."""
    if _FORMULA.match(cell.lstrip(" '")) and not _NUMBER.match(cell):
        return f"'{cell}"
    return cell


def plain(cell: str) -> str:
    """The reverse of `safe`."""
    if cell.startswith("'") and _FORMULA.match(cell.lstrip(" '")):
        return cell[1:]
    return cell


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The rows as text of a CSV file, line by line, for a streamed answer."""
    yield BOM
    yield from body(rows)


def head(cells: Iterable[str]) -> str:
    """How a file begins whose `body` comes later, piece by piece."""
    return "".join(lines([cells]))


def body(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The rows as lines, without what stands at the beginning of a file."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield str(writer.writerow([safe(cell) for cell in row]))
