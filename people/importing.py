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
from typing import Any

from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from people import activity, columns, csv_file, editing, instance, lists
from people.activity import Changes, Happening
from people.columns import Reading
from people.csv_file import Row, Shape
from people.models import ImportFile, ImportJob, ImportReject, Person, StaticList

State = ImportJob.State
UNFINISHED = [State.MAPPING, State.WAITING, State.RUNNING]
SLICE = 1_000
SLICES_A_TURN = 20
KEEP_UNMAPPED = timedelta(days=7)


class Merge:
    """What a slice does to people: gathered in memory row by row, then written in bulk."""

    def __init__(self, readings: list[Reading], *, now: datetime) -> None:
        self.now = now
        self.rejects = [reading for reading in readings if reading.rejected]
        self.taken = [reading for reading in readings if not reading.rejected]
        self.people: dict[str, Person] = {}
        self.new: list[Person] = []
        self.changes: dict[int, tuple[Person, Changes]] = {}
        self.touched: list[Person] = []

    def find(self) -> None:
        """Lock and remember everybody the slice's addresses already belong to: one query."""
        known = Person.objects.present().annotate(key=Lower("email"))
        keys = {_key(reading) for reading in self.taken} - {""}
        for person in known.filter(key__in=keys).select_for_update(of=("self",)).order_by("-pk"):
            self.people[person.email.lower()] = person

    def place(self) -> None:
        """Give each row its person, in the order of the file."""
        for reading in self.taken:
            person = self.people.get(_key(reading))
            if person is None:
                person = self._make(reading)
            else:
                self._change(person, reading.values)
            self.touched.append(person)

    def write(self, *, by: str) -> None:
        """New people, changed people, and the history of both."""
        Person.objects.bulk_create(self.new)
        happenings = [Happening(person.pk, {"by": by}) for person in self.new]
        activity.record(activity.NEW_PERSON, happenings, at=self.now)
        self._write_changes(by=by)

    def _make(self, reading: Reading) -> Person:
        person = Person(created_at=self.now, updated_at=self.now)
        editing.apply(person, reading.values)
        self.new.append(person)
        if key := _key(reading):
            self.people[key] = person
        return person

    def _change(self, person: Person, values: dict[str, Any]) -> None:
        changes = editing.apply(person, _worth_taking(person, values))
        _person, before = self.changes.setdefault(id(person), (person, {}))
        for name, (old, new) in changes.items():
            before[name] = [before.get(name, [old])[0], new]

    def _write_changes(self, *, by: str) -> None:
        changed = [(person, changes) for person, changes in self.changes.values() if changes]
        self._store(changed)
        lines = [
            Happening(person.pk, {"changes": editing.told(changes), "by": by})
            for person, changes in changed
        ]
        activity.record(activity.CHANGE_DATA_VALUE, lines, at=self.now)

    def _store(self, changed: list[tuple[Person, Changes]]) -> None:
        """One upsert by id: SQL has no UPDATE of many rows, each to its own values."""
        new = {id(person) for person in self.new}  # these were inserted as they are now
        stored = [person for person, _changes in changed if id(person) not in new]
        if not stored:
            return
        for person in stored:
            person.updated_at = self.now
        fields = sorted({name for _person, changes in changed for name in changes})
        Person.objects.bulk_create(
            stored,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*fields, "updated_at"],
        )


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
        merge = Merge(readings, now=now)
        by = _("import of %(file)s") % {"file": job.file_name}
        merge.find()
        merge.place()
        merge.write(by=by)
        _keep_rejects(job, merge.rejects)
        if job.static_list:
            lists.add(job.static_list, (each.pk for each in merge.touched), by=by, now=now)
        _count(job, merge)
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


def _count(job: ImportJob, merge: Merge) -> None:
    ImportJob.objects.filter(pk=job.pk).update(
        created_count=F("created_count") + len(merge.new),
        updated_count=F("updated_count") + len(merge.taken) - len(merge.new),
        rejected_count=F("rejected_count") + len(merge.rejects),
        invalid_count=F("invalid_count") + sum(bool(each.invalid_number) for each in merge.taken),
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


def _key(reading: Reading) -> str:
    return str(reading.values.get("email", "")).lower()


def _worth_taking(person: Person, values: dict[str, Any]) -> dict[str, Any]:
    """Without the address (it matched) and without a number that is no news, or none."""
    dropped = {"email"}
    if person.mobile and values.get("mobile") in ("", person.mobile):
        dropped |= {"mobile", "mobile_region", "mobile_typed"}
    return {name: value for name, value in values.items() if name not in dropped}
