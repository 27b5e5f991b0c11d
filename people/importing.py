"""CSV import: take what is good, return the rest with reasons, a thousand rows at a time.

A row whose key (an e-mail address, a number, …: `matching`) is known updates that person, also one
that an earlier row of the same file made; every other row makes a new person. What is a reject says
`columns.read`. An empty cell never empties a field, and what is no number never replaces a number.

One file is taken at a time. `ImportJob.offset` is moved by a conditional UPDATE in the transaction
that takes the slice: a second worker finds it moved and walks away, and after a crash the next one
goes on from there, reading no byte of what came before.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from people import bulk, columns, lists, pieces, receiving, tracing, trouble
from people.columns import Reading
from people.crashpoint import crashpoint
from people.csv_file import NotTaken, Stretch
from people.models import ImportJob, ImportPiece, ImportReject, StaticList
from people.upserting import Upsert

State = ImportJob.State
UNFINISHED = [State.MAPPING, State.CHECKING, State.CHECKED, State.WAITING, State.RUNNING]
WORKING = [State.CHECKING, State.WAITING, State.RUNNING, State.UNDOING]
SLICES_A_TURN = 20


def start(job: ImportJob, *, now: datetime) -> bool:
    """Let a file that was looked through go, once; False when it was started or cancelled before."""
    checked = ImportJob.objects.filter(pk=job.pk, state=State.CHECKED)
    with transaction.atomic():
        begins = {"offset": job.options["start"], "line": 2, "position": 0}
        if not checked.update(state=State.WAITING, started_at=now, **begins):
            return False
        if name := job.options.get("new_list", ""):
            made, _is_new = StaticList.objects.get_or_create(
                name=name, defaults={"created_at": now}
            )
            ImportJob.objects.filter(pk=job.pk).update(static_list=made)
    return True


def cancel(job: ImportJob, *, now: datetime) -> bool:
    """Stop a job where it stands, or let go of one that failed; what it took stays. False when it had ended."""
    failed = Q(state=State.FAILED) & ~Q(stopped_in=State.UNDOING)
    going = ImportJob.objects.filter(failed | Q(state__in=UNFINISHED), pk=job.pk)
    with transaction.atomic():
        ended = Coalesce("finished_at", Value(now))  # the day for undoing counts from there
        cancelled = going.update(state=State.CANCELLED, finished_at=ended)
        if cancelled:
            pieces.forget(job)
            job.keys.all().delete()
    return cancelled == 1


def retry(job: ImportJob) -> bool:
    """Let a stopped job go on from where it stopped."""
    stopped = ImportJob.objects.filter(pk=job.pk, state=State.FAILED)
    state = job.stopped_in or State.WAITING
    return stopped.update(state=state, error="", finished_at=None) == 1


def next_job() -> int | None:
    """The job whose turn it is: the oldest that is waiting or was left half done."""
    open_jobs = ImportJob.objects.filter(state__in=[State.WAITING, State.RUNNING])
    return open_jobs.order_by("pk").values_list("pk", flat=True).first()


def take_slices(job_id: int, *, now: datetime, slices: int = SLICES_A_TURN) -> bool:
    """Take the next rows of a job; True when there is more to do (of this job or another)."""
    if job_id != next_job():
        return False
    ImportJob.objects.filter(pk=job_id, state=State.WAITING).update(state=State.RUNNING)
    for _slice in range(slices):
        found = ImportJob.objects.select_related("static_list")
        job = found.filter(pk=job_id, state=State.RUNNING).first()
        if job is None:
            break
        if not trouble.guarded(
            partial(take_slice, job, now=now),
            stop=partial(stop, job, now=now),
            job=f"import {job_id}",
            plain=(NotTaken,),
        ):
            return next_job() not in (None, job_id)  # somebody else is at this one, or it stopped
    return next_job() is not None


def take_slice(job: ImportJob, *, now: datetime) -> bool:
    """Take the rows that begin at `job.offset`; False when somebody else did meanwhile."""
    try:
        found = pieces.ahead(job)
    except pieces.Gone:
        return False
    plan = receiving.plan(job, now=now)
    readings = [columns.read(row, plan) for row in found.rows]
    upsert = Upsert([each for each in readings if not each.rejected], key=plan.key, now=now)
    with transaction.atomic():
        if not _move_on(job, found):
            return False
        upsert.write(told=told(job))
        crashpoint("inside-import")
        _keep_rejects(job, [each for each in readings if each.rejected])
        tracing.keep(job, upsert, _list(job, upsert, now=now))
        _count(job, upsert, readings)
        _finish(job, found, now=now)
    return True


def told(job: ImportJob) -> dict[str, Any]:
    """What the lines of history that a job writes have in common."""
    return {"by": _("import of %(file)s") % {"file": job.file_name}, "import": job.pk}


def stop(job: ImportJob, why: str, *, now: datetime) -> None:
    """It cannot go on by itself: say why, and remember where. Not where somebody else came further."""
    places = {"offset": job.offset, "undo_position": job.undo_position}
    working = ImportJob.objects.filter(pk=job.pk, state=job.state, **places)
    stopped_in = State.WAITING if job.state == State.RUNNING else job.state
    working.update(state=State.FAILED, error=why, stopped_in=stopped_in, finished_at=now)


def _move_on(job: ImportJob, found: Stretch) -> bool:
    here = ImportJob.objects.filter(pk=job.pk, state=State.RUNNING, offset=job.offset)
    position = F("position") + len(found.rows)
    return here.update(offset=found.end, line=found.line, position=position) == 1


def _keep_rejects(job: ImportJob, rejects: list[Reading]) -> None:
    each: bulk.Columns = {
        "number": [reject.row.number for reject in rejects],
        "reason": [reject.rejected[:255] for reject in rejects],
        "cells": [[cell.replace("\0", "") for cell in reject.row.cells] for reject in rejects],
    }
    bulk.insert_rows(ImportReject, each, same={"job": job.pk})


def _list(job: ImportJob, upsert: Upsert, *, now: datetime) -> set[int]:
    """Put everybody on the chosen list; who was not on it yet."""
    if not job.static_list:
        return set()
    people = (person.pk for person in upsert.touched)
    return lists.add(job.static_list, people, by=told(job)["by"], now=now)


def _count(job: ImportJob, upsert: Upsert, readings: list[Reading]) -> None:
    new, taken = len(upsert.new), upsert.readings
    ImportJob.objects.filter(pk=job.pk).update(
        created_count=F("created_count") + new,
        updated_count=F("updated_count") + len(taken) - new,
        rejected_count=F("rejected_count") + len(readings) - len(taken),
        invalid_count=F("invalid_count") + sum(bool(each.invalid_number) for each in taken),
    )


def _finish(job: ImportJob, found: Stretch, *, now: datetime) -> None:
    if found.end < job.size:
        return
    ImportJob.objects.filter(pk=job.pk).update(state=State.DONE, finished_at=now)
    ImportPiece.objects.filter(job=job).delete()  # its people are in the database, once is enough
