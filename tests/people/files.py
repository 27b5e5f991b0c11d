"""Files on their way in, as tests need them: `begin("Email\\nana@example.com\\n")` and that is all."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

from people import checking, exporting, importing, receiving, undoing
from people.models import ImportJob, StaticList
from tests.people.make import NOON


def upload(content: str | bytes, name: str = "people.csv") -> ImportJob:
    """A file that is kept and mapped as its headers suggest."""
    content = content.encode() if isinstance(content, str) else content
    return receiving.upload(name, BytesIO(content), user=None, now=NOON)


def check(
    content: str | bytes | ImportJob,
    *,
    mapping: dict[str, str] | None = None,
    static_list: StaticList | None = None,
    **options: Any,
) -> ImportJob:
    """A file that was looked through."""
    job = content if isinstance(content, ImportJob) else upload(content)
    receiving.choose(
        job,
        mapping=job.mapping if mapping is None else mapping,
        options=options,
        static_list=static_list,
    )
    assert checking.begin(job)
    while checking.look_through(job.pk, now=NOON):
        pass
    job.refresh_from_db()
    return job


def begin(content: str | bytes | ImportJob, **chosen: Any) -> ImportJob:
    """An import that waits for its turn."""
    job = check(content, **chosen)
    assert importing.start(job, now=NOON), job.error
    job.refresh_from_db()
    return job


def finish(job: ImportJob, *, slices: int = 20) -> ImportJob:
    """Let it be taken to its end."""
    while importing.take_slices(job.pk, now=NOON, slices=slices):
        pass
    job.refresh_from_db()
    return job


def undo(job: ImportJob) -> ImportJob:
    """Let it be undone to its end."""
    assert undoing.begin(job, now=NOON)
    while undoing.undo_slices(job.pk, now=NOON):
        pass
    job.refresh_from_db()
    return job


def counts(job: ImportJob) -> tuple[str, int, int, int, int, int]:
    """Its state, and rows = new + updated + rejected, and those without a number."""
    return (
        job.state,
        job.position,
        job.created_count,
        job.updated_count,
        job.rejected_count,
        job.invalid_count,
    )


def taken_out(source: str, *, columns: list[str] | None = None, **params: Any) -> list[list[str]]:
    """The rows of an export's file, the head among them; all columns where none are named."""
    found = exporting.sources.get(source)
    chosen = columns or [*found.columns(params)]
    job = exporting.begin(found, params, columns=chosen, user=None, now=NOON)
    while exporting.write_slices(job.pk, now=NOON):
        pass
    text = b"".join(exporting.content(job)).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline="")))
