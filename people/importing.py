"""CSV import: take what is good, return the rest with reasons, a thousand rows at a time.

A row whose e-mail address is known (upper and lower case are one; the oldest person wins) updates
that person, also one that an earlier row of the same file made; every other row makes a new person.
Numbers do not match people: several may share one. What is a reject says `columns.read`. An empty
cell never empties a field, and what is no number never replaces a number.

One file is taken at a time. `ImportJob.position` is moved by a conditional UPDATE in the
transaction that takes the slice: a second worker finds it moved and walks away, and after a crash
the next one goes on from there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from people import columns, csv_file, instance, lists
from people.columns import Reading
from people.crashpoint import crashpoint
from people.csv_file import Row, Shape
from people.models import ImportFile, ImportJob, ImportReject, StaticList
from people.upserting import Upsert

State = ImportJob.State
UNFINISHED = [State.MAPPING, State.WAITING, State.RUNNING]
SLICE = 1_000
SLICES_A_TURN = 20
KEEP_UNMAPPED = timedelta(days=7)


def upload(name: str, content: bytes, *, user: User | None, now: datetime) -> ImportJob:
    """Keep a file, mapped as its headers suggest. Raises csv_file.NotTaken."""
    shape = csv_file.survey(content)
    with transaction.atomic():
        job = ImportJob.objects.create(
            file_name=name[-255:],
            encoding=shape.encoding,
            delimiter=shape.delimiter,
            columns=shape.columns,
            rows=shape.rows,
            mapping=columns.suggest(shape.columns),
            options={"region": instance.DEFAULT_REGION.get()},
            created_by=user,
            created_at=now,
        )
        ImportFile.objects.create(job=job, content=content)
    return job


def preview(job: ImportJob, mapping: columns.Mapped, *, region: str) -> list[Reading]:
    """The first ten rows as they would be taken; nothing is written."""
    first = islice(_rows(job, start=0), 10)
    return [columns.read(row, mapping, region=region) for row in first]


def start(
    job: ImportJob, *, mapping: dict[str, str], region: str, static_list: StaticList | None
) -> bool:
    """Let the job go, once; False when it was started or cancelled before."""
    waiting = ImportJob.objects.filter(pk=job.pk, state=State.MAPPING)
    started = waiting.update(
        state=State.WAITING,
        mapping=mapping,
        options={"region": region},
        static_list=static_list,
    )
    return started == 1


def cancel(job: ImportJob, *, now: datetime) -> bool:
    """Stop a job where it stands; what it took stays. False when it had ended."""
    going = ImportJob.objects.filter(pk=job.pk, state__in=UNFINISHED)
    with transaction.atomic():
        cancelled = going.update(state=State.CANCELLED, finished_at=now)
        if cancelled:
            ImportFile.objects.filter(job=job).delete()
    return cancelled == 1


def retry(job: ImportJob) -> bool:
    """Let a stopped job go on from where it stopped."""
    stopped = ImportJob.objects.filter(pk=job.pk, state=State.FAILED)
    return stopped.update(state=State.WAITING, error="", finished_at=None) == 1


def next_job() -> int | None:
    """The job whose turn it is: the oldest that is waiting or was left half done."""
    open_jobs = ImportJob.objects.filter(state__in=[State.WAITING, State.RUNNING])
    return open_jobs.order_by("pk").values_list("pk", flat=True).first()


def take_slices(job_id: int, *, now: datetime, slices: int = SLICES_A_TURN) -> bool:
    """Take the next rows of a job; True when there is more to do (of this job or another)."""
    if job_id != next_job():
        return False
    ImportJob.objects.filter(pk=job_id, state=State.WAITING).update(
        state=State.RUNNING, started_at=now
    )
    job = ImportJob.objects.select_related("static_list").get(pk=job_id)
    for rows in islice(_slices(_rows(job, start=job.position)), slices):
        try:
            if not take_slice(job, rows, now=now):
                return False
        except (DataError, IntegrityError, csv.Error) as error:
            _stop(job, error, now=now)
            return next_job() is not None
    return next_job() is not None


def take_slice(job: ImportJob, rows: list[Row], *, now: datetime) -> bool:
    """Take these rows, which begin at `job.position`; False when somebody else did meanwhile."""
    with transaction.atomic():
        if not _move_on(job, len(rows)):
            return False
        region = job.options["region"]
        readings = [columns.read(row, job.mapping, region=region) for row in rows]
        rejects = [reading for reading in readings if reading.rejected]
        by = _("import of %(file)s") % {"file": job.file_name}
        upsert = Upsert([each for each in readings if not each.rejected], now=now)
        upsert.write(by=by)
        crashpoint("inside-import")
        _keep_rejects(job, rejects)
        if job.static_list:
            lists.add(job.static_list, (each.pk for each in upsert.touched), by=by, now=now)
        _count(job, upsert, rejected=len(rejects))
        _finish(job, now=now)
    return True


def forget_unmapped(now: datetime) -> None:
    """Delete files that were uploaded and never mapped."""
    ImportJob.objects.filter(state=State.MAPPING, created_at__lt=now - KEEP_UNMAPPED).delete()


def _move_on(job: ImportJob, by: int) -> bool:
    here = ImportJob.objects.filter(pk=job.pk, state=State.RUNNING, position=job.position)
    if here.update(position=F("position") + by) != 1:
        return False
    job.position += by
    return True


def _keep_rejects(job: ImportJob, rejects: list[Reading]) -> None:
    ImportReject.objects.bulk_create(
        ImportReject(
            job=job, number=each.row.number, reason=each.rejected[:255], cells=each.row.cells
        )
        for each in rejects
    )


def _count(job: ImportJob, upsert: Upsert, *, rejected: int) -> None:
    new, taken = len(upsert.new), upsert.readings
    ImportJob.objects.filter(pk=job.pk).update(
        created_count=F("created_count") + new,
        updated_count=F("updated_count") + len(taken) - new,
        rejected_count=F("rejected_count") + rejected,
        invalid_count=F("invalid_count") + sum(bool(each.invalid_number) for each in taken),
    )


def _finish(job: ImportJob, *, now: datetime) -> None:
    if job.position < job.rows:
        return
    ImportJob.objects.filter(pk=job.pk).update(state=State.DONE, finished_at=now)
    ImportFile.objects.filter(job=job).delete()  # its people are in the database, once is enough


def _stop(job: ImportJob, error: Exception, *, now: datetime) -> None:
    ImportJob.objects.filter(pk=job.pk, state=State.RUNNING).update(
        state=State.FAILED, error=str(error), finished_at=now
    )


def _rows(job: ImportJob, *, start: int) -> Iterator[Row]:
    shape = Shape(job.encoding, job.delimiter, job.columns, job.rows)
    content = ImportFile.objects.values_list("content", flat=True).get(job=job)
    return csv_file.rows(bytes(content), shape, start=start)


def _slices(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rows = iter(rows)
    while some := list(islice(rows, SLICE)):
        yield some
