"""The lines of a file from any byte on, whatever its encoding, holding no more than one of them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

Read = Callable[[int], bytes]
"""Some bytes of a file from a place on (a megabyte or so); none at its end."""
MAX_LINE = 2 * 1024 * 1024  # bytes: 200 columns of 10 KB
UNREADABLE = "\ufffd"  # what stands for bytes that mean nothing in an encoding
_END = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r(?!\Z))")  # a \r at the very end may be half of \r\n


class NotTaken(ValueError):
    """A file that cannot be imported; the message says why and what to do."""


class Line(NamedTuple):
    """A line with its end, and how many bytes it is."""

    text: str
    size: int


class Lines:
    """An iterator over lines. Raises NotTaken at one that is too long to be of a table."""

    def __init__(self, read: Read, encoding: str, *, start: int) -> None:
        self._read, self._encoding = read, encoding
        self._end = _end_of_wide if encoding.startswith("utf-16") else _end_of_narrow
        self._newline = "\n".encode(encoding)
        self._buffer, self._at, self._next = b"", 0, start
        self._again = deque[Line]()

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> Line:
        if self._again:
            return self._again.popleft()
        end = self._end(self._buffer, self._at, self._newline)
        while end < 0 and self._more():
            end = self._end(self._buffer, self._at, self._newline)
        raw = self._buffer[self._at : end if end >= 0 else None]
        if not raw:
            raise StopIteration
        self._at += len(raw)
        return Line(raw.decode(self._encoding, "replace"), len(raw))

    def put_back(self, lines: Iterable[Line]) -> None:
        """These come next, in this order."""
        self._again.extendleft(reversed([*lines]))

    def _more(self) -> bool:
        rest = self._buffer[self._at :]
        if len(rest) > MAX_LINE:
            raise NotTaken(_("A line is longer than 200 cells can be. Is this a CSV file?"))
        some = self._read(self._next)
        self._next += len(some)
        self._buffer, self._at = rest + some, 0
        return bool(some)


def _end_of_narrow(buffer: bytes, at: int, newline: bytes) -> int:
    """Of encodings in which the bytes of line ends stand for nothing else."""
    found = _END.match(buffer, at)
    return found.end() if found else -1


def _end_of_wide(buffer: bytes, at: int, newline: bytes) -> int:
    found = buffer.find(newline, at)
    while found >= 0 and (found - at) % 2:  # half of one letter and half of the next
        found = buffer.find(newline, found + 1)
    return found + 2 if found >= 0 else -1
