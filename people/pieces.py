"""The file of an import, in small pieces in the database: any part of it is read at one price."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import IO

from people import csv_file
from people.csv_file import Read, Shape, Stretch
from people.encodings import Utf8
from people.models import ImportJob, ImportPiece

PIECE = 256 * 1024  # bytes: a slice of usual rows lies in one or two


class Gone(LookupError):
    """The file is not there any more: somebody else came to its end, or cancelled it."""


def digest(file: IO[bytes]) -> tuple[str, bool]:
    """The SHA-256 of a file and whether it is UTF-8, holding no more than a piece of it."""
    sum_, utf8 = sha256(), Utf8()
    for some in _chunks(file):
        sum_.update(some)
        utf8.feed(some)
    utf8.feed(b"", is_last=True)
    return sum_.hexdigest(), utf8.is_so


def keep(job: ImportJob, file: IO[bytes]) -> int:
    """Write the file down and say how many bytes it is.

    Each piece is a transaction of its own, so that no writer waits for the whole.
    """
    size = 0
    for number, some in enumerate(_chunks(file)):
        ImportPiece.objects.create(job=job, number=number, content=some)
        size += len(some)
    return size


def forget(job: ImportJob) -> None:
    ImportPiece.objects.filter(job=job).delete()


def head(job: ImportJob) -> bytes:
    """The beginning, which tells how the rest is to be read."""
    found = job.pieces.filter(number__lte=csv_file.HEAD // PIECE).order_by("number")
    return b"".join(map(bytes, found.values_list("content", flat=True)))[: csv_file.HEAD]


def shape(job: ImportJob) -> Shape:
    """How the file is read."""
    return Shape(job.encoding, job.delimiter, job.columns, job.options["start"])


def ahead(job: ImportJob, *, most: int = 0) -> Stretch:
    """The rows that come next, from `job.offset` on. Raises NotTaken."""
    return csv_file.stretch(_reading(job), shape(job), start=job.offset, line=job.line, most=most)


def first(job: ImportJob, most: int) -> Stretch:
    """The first rows, wherever the job is. Raises NotTaken."""
    found = shape(job)
    return csv_file.stretch(_reading(job), found, start=found.start, line=2, most=most)


def _reading(job: ImportJob) -> Read:
    pieces = job.pieces.values_list("content", flat=True)

    def read(place: int) -> bytes:
        if place >= job.size:
            return b""
        number, within = divmod(place, PIECE)
        found = pieces.filter(number=number).first()
        if found is None:
            raise Gone
        return bytes(found)[within:]

    return read


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while some := file.read(PIECE):
        yield some
