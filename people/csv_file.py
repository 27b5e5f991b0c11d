"""A CSV file as people upload it: its delimiter, its columns, and its rows from any place on.

Limits: 100 MB, 500,000 rows, 200 columns, 10 KB (characters) a cell. A row that is wrong costs itself:
where a quotation mark is never closed, its line is a reject, and reading goes on with the next.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from people import encodings
from people.lines import MAX_LINE, UNREADABLE, Line, Lines, NotTaken, Read

__all__ = ["NotTaken", "Read", "Row", "Shape", "Stretch", "look", "read_in", "stretch"]
MAX_BYTES = 100 * 1024 * 1024
MAX_ROWS = 500_000
MAX_LINES = 1_000_000  # blank ones too
MAX_COLUMNS = 200
MAX_CELL = 10 * 1024
MAX_RECORD = 2 * MAX_LINE  # characters
DELIMITERS = ",;\t|"
HEAD = MAX_LINE + 1  # bytes that tell what a file is
SLICE = 1_000  # rows, and bytes, that are read at once
SLICE_BYTES = 1024 * 1024
AGAIN = 8 * SLICE_BYTES  # characters read a second time in a slice, where quotation marks are wrong


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
    """What has to be known of a file to read its rows; `start` is the byte where they begin."""

    encoding: str
    delimiter: str
    columns: list[str]
    start: int = 0


@dataclass(frozen=True)
class Stretch:
    """Some rows, the place where the next begin, and their number. No rows may be: blank lines are none."""

    rows: list[Row]
    end: int
    line: int


def look(head: bytes, *, is_utf8: bool) -> Shape:
    """How a file that begins so (`HEAD` bytes, or all) is to be read. Raises NotTaken."""
    if head.startswith(b"PK\x03\x04"):
        raise NotTaken(_("This is an Excel workbook or another archive. Save it as CSV UTF-8."))
    encoding = encodings.guess(head, is_utf8=is_utf8)
    found = read_in(head, encoding, _delimiter(head, encoding))
    lines = Lines(_reading(head), encoding, start=found.start)
    first = next(lines, None)
    if first is None and len(head) < HEAD:
        raise NotTaken(_("There is no row below the header."))
    return found


def read_in(head: bytes, encoding: str, delimiter: str) -> Shape:
    """The columns of a file read so, and where its rows begin. Raises NotTaken."""
    start = encodings.mark(head, encoding)
    records = _Records(Lines(_reading(head), encoding, start=start), delimiter)
    record = next(records, None)
    if record and any("\0" in cell for cell in record.cells):
        raise NotTaken(_("This is not a text file. Save it as CSV and try again."))
    columns = _columns(record.cells if record else [])
    return Shape(encoding, delimiter, columns, start + (record.size if record else 0))


def stretch(
    read: Read, shape: Shape, *, start: int, line: int, most: int = 0, size: int = SLICE_BYTES
) -> Stretch:
    """The rows from a place on: `most` of them, or `size` bytes. At the end of the file none, and
    `end` is `start`. The same place gives the same rows, whoever asks. Raises NotTaken."""
    rows: list[Row] = []
    most, place = most or SLICE, start
    for record in _Records(Lines(read, shape.encoding, start=start), shape.delimiter, shape):
        if record.broken or any(map(str.strip, record.cells)):
            rows.append(_row(line, record, width=len(shape.columns)))
        place, line = place + record.size, line + 1
        if len(rows) >= most or place - start >= size:
            break
    return Stretch(rows, place, line)


@dataclass(frozen=True)
class _Record:
    cells: list[str]
    size: int
    broken: str = ""


class _Records:
    """The records from a place on. What is wrong about one that goes over several lines costs one line."""

    def __init__(self, lines: Lines, delimiter: str, shape: Shape | None = None) -> None:
        self._lines, self._left = lines, AGAIN
        self._width = len(shape.columns) if shape else 0
        self._taken: list[Line] = []
        self._length, self._is_over = 0, False
        self._reader = csv.reader(_Texts(self), delimiter=delimiter)
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[_Record]:
        return self

    def __next__(self) -> _Record:
        self._taken, self._length = [], 0
        try:
            cells = next(self._reader)
        except csv.Error:
            return self._broken([], _("The row is too long, or a quotation mark is never closed."))
        if self._is_over and self._ran_on:
            return self._broken([], _("A quotation mark is never closed."))
        broken = _wrong(cells, self._width, is_readable=self._is_readable())
        if broken:
            return self._broken(cells, broken)
        return _Record(cells, self._size())

    def take(self) -> str:
        """The next line, for the csv module. Raises csv.Error where a record takes too many."""
        if self._length > MAX_RECORD:
            raise csv.Error
        line = next(self._lines, None)
        if line is None:
            self._is_over = True
            raise StopIteration
        self._taken.append(line)
        self._length += len(line.text)
        return line.text

    @property
    def _ran_on(self) -> bool:
        """Whether the file ended inside a quoted cell: a whole record asks for no further line."""
        return bool(self._taken)

    def _is_readable(self) -> bool:
        return not any(UNREADABLE in line.text for line in self._taken)

    def _broken(self, cells: list[str], why: str) -> _Record:
        """Only the first of its lines is given up, as long as reading again does not get too dear."""
        rest = self._taken[1:]
        if rest and self._left > 0:
            self._left -= self._length
            self._lines.put_back(rest)
            self._taken, self._is_over = self._taken[:1], False
            self._reader = csv.reader(_Texts(self), delimiter=self._delimiter)
            cells = []
        shown = cells or _roughly(self._taken[0].text, self._delimiter)
        return _Record([each[:200] for each in shown[:MAX_COLUMNS]], self._size(), why)

    def _size(self) -> int:
        return sum(line.size for line in self._taken)


class _Texts:
    """What the csv module asks for lines; it may go on asking after an error."""

    def __init__(self, records: _Records) -> None:
        self._records = records

    def __iter__(self) -> _Texts:
        return self

    def __next__(self) -> str:
        return self._records.take()


def _wrong(cells: list[str], width: int, *, is_readable: bool) -> str:
    """Why the cells of a row cannot be trusted; empty when they can. `width` 0: of a header."""
    if not is_readable:
        return _("A letter cannot be read in the chosen encoding.")
    if any(len(cell) > MAX_CELL for cell in cells):
        return _("A cell is longer than 10 KB; is a quotation mark missing?")
    if width and any("\0" in cell for cell in cells):
        return _("A cell holds a character (NUL) that cannot be kept.")
    if width and any(map(str.strip, cells)) and _is_out_of_line(cells, width):
        said = _("The row has %(found)d cells, the header has %(expected)d.")
        return said % {"found": len(cells), "expected": width}
    return ""


def _is_out_of_line(cells: list[str], width: int) -> bool:
    """Some programs end every line with delimiters: empty cells too many do not count."""
    return len(cells) < width or any(cells[width:])


def _row(number: int, record: _Record, *, width: int) -> Row:
    if record.broken:
        return Row(number, record.cells, record.broken)
    return Row(number, record.cells[:width])


def _roughly(text: str, delimiter: str) -> list[str]:
    """The cells of a line with a wrong quotation mark, for whoever is to mend it."""
    return text.rstrip("\r\n").split(delimiter, MAX_COLUMNS)


def _delimiter(head: bytes, encoding: str) -> str:
    """What the csv module makes of the first lines; else what occurs most often in the header."""
    lines = io.TextIOWrapper(io.BytesIO(head[:16_384]), encoding, errors="replace")
    sample = [line for _number, line in zip(range(10), lines, strict=False)]
    header = sample[0] if sample else ""
    try:
        found = csv.Sniffer().sniff("".join(sample)[:4096], DELIMITERS).delimiter
    except csv.Error:
        found = ""
    return found if found and found in header else max(DELIMITERS, key=header.count)


def _columns(header: list[str]) -> list[str]:
    names = [name.strip()[:255] for name in header]
    if not any(names):
        raise NotTaken(_("The first row is empty. It must hold the names of the columns."))
    if len(names) > MAX_COLUMNS:
        raise NotTaken(_("The file has more than 200 columns. Remove those you do not need."))
    return names


def _reading(head: bytes) -> Read:
    return lambda place: head[place : place + HEAD]
