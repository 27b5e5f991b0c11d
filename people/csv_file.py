"""A CSV file as people upload it: its encoding, its delimiter, its rows.

Limits: 20 MB, 500,000 rows, 200 columns, 10 KB (characters) a cell. UTF-8, UTF-16 and Windows-1252.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 500_000
MAX_COLUMNS = 200
MAX_CELL = 10 * 1024
MAX_LINE = MAX_COLUMNS * MAX_CELL
DELIMITERS = ",;\t|"
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class NotTaken(ValueError):
    """A file that cannot be imported; the message says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One row of the file. `number` counts as a spreadsheet does: the header is 1.

    `broken` says why its cells cannot be trusted; it is empty for a good row.
    """

    number: int
    cells: list[str]
    broken: str = ""


@dataclass(frozen=True)
class Shape:
    """What has to be known of a file to read it again."""

    encoding: str
    delimiter: str
    columns: list[str]
    rows: int


def survey(content: bytes) -> Shape:
    """Read the whole file once and say how it is to be read. Raises NotTaken."""
    if len(content) > MAX_BYTES:
        raise NotTaken(_("The file is larger than 20 MB. Split it and import the parts."))
    if content.startswith(b"PK\x03\x04"):
        raise NotTaken(_("This is an Excel workbook. Save it as CSV UTF-8 and try again."))
    encoding = _encoding(content)
    delimiter = _delimiter(content, encoding)
    try:
        header = next(_records(content, encoding, delimiter), None)
    except UnicodeError as error:
        raise _unreadable() from error
    columns = _columns(header)
    return Shape(encoding, delimiter, columns, _count(content, encoding, delimiter, len(columns)))


def rows(content: bytes, shape: Shape, *, start: int = 0) -> Iterator[Row]:
    """The rows below the header from the 0-based `start` to the last that has anything in it."""
    records = _records(content, shape.encoding, shape.delimiter)
    next(records)
    for position, record in enumerate(records):
        if position >= shape.rows:
            return
        if position >= start:
            yield _row(position + 2, record, width=len(shape.columns))


def _row(number: int, record: list[str] | None, *, width: int) -> Row:
    if record is None:
        return Row(number, [], _("The row is too long, or a quotation mark is never closed."))
    if any(len(cell) > MAX_CELL for cell in record):
        cut = [cell[:200] for cell in record[:MAX_COLUMNS]]
        return Row(number, cut, _("A cell is longer than 10 KB; is a quotation mark missing?"))
    if record and not any(record[width:]):
        record = record[:width]  # some programs end every line with delimiters
    if record and len(record) != width:
        said = _("The row has %(found)d cells, the header has %(expected)d.")
        counts = {"found": len(record), "expected": width}
        return Row(number, record[:MAX_COLUMNS], said % counts)
    return Row(number, record)


def _encoding(content: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding
    start = content[:4096]
    if b"\0" in start:  # UTF-16 without its mark: every other byte of Latin text is zero
        return "utf-16-le" if start[1::2].count(0) >= start[::2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(content: bytes, encoding: str) -> str:
    """What the csv module makes of the first lines; else what occurs most often in the header."""
    lines = io.TextIOWrapper(io.BytesIO(content[:16_384]), encoding, errors="replace")
    sample = [line for _number, line in zip(range(10), lines, strict=False)]
    header = sample[0] if sample else ""
    try:
        found = csv.Sniffer().sniff("".join(sample)[:4096], DELIMITERS).delimiter
    except csv.Error:
        found = ""
    return found if found and found in header else max(DELIMITERS, key=header.count)


def _records(content: bytes, encoding: str, delimiter: str) -> Iterator[list[str] | None]:
    """Every record; None for one that the csv module cannot read. Raises UnicodeError, NotTaken."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    reader = csv.reader(_lines(text), delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    for line in text:
        if len(line) > MAX_LINE:
            raise NotTaken(_("A line is longer than 200 cells can be. Is this a CSV file?"))
        if "\0" in line:
            raise NotTaken(_("This is not a text file. Save it as CSV and try again."))
        yield line


def _columns(header: list[str] | None) -> list[str]:
    names = [name.strip()[:255] for name in header or []]
    if not any(names):
        raise NotTaken(_("The first row is empty. It must hold the names of the columns."))
    if len(names) > MAX_COLUMNS:
        raise NotTaken(_("The file has more than 200 columns. Remove those you do not need."))
    return names


def _count(content: bytes, encoding: str, delimiter: str, width: int) -> int:
    last = 0
    try:
        for position, record in enumerate(_records(content, encoding, delimiter)):
            last = position if record is None or any(record) else last
            if last > MAX_ROWS:
                raise NotTaken(_("The file has more than 500,000 rows. Split it, please."))
    except UnicodeError as error:
        raise _unreadable() from error
    if not last:
        raise NotTaken(_("There is no row below the header."))
    return last


def _unreadable() -> NotTaken:
    return NotTaken(_("The file is neither UTF-8, UTF-16 nor Windows text. Save it as CSV UTF-8."))
