"""A file comes in: it is kept, read as it seems to be written, and mapped as the last one like it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import IO, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from people import columns, csv_file, fields, instance, matching, pieces
from people.columns import Plan, Reading
from people.csv_file import NotTaken, Shape
from people.models import ImportJob, ImportKey, ImportPiece, StaticList

State = ImportJob.State
ENDED_WELL = [State.DONE, State.CANCELLED, State.UNDONE]
KEEP_UNMAPPED = timedelta(days=7)
KEEP_HALF = timedelta(hours=1)  # of an upload that broke off
PREVIEW = 10


def upload(name: str, file: IO[bytes], *, user: User | None, now: datetime) -> ImportJob:
    """Keep a file of any size in a bounded memory. Raises NotTaken for what plainly is no CSV file."""
    digest, is_utf8 = pieces.digest(file)
    file.seek(0)
    shape = csv_file.look(file.read(csv_file.HEAD), is_utf8=is_utf8)
    job = ImportJob(file_name=name[-255:], state=State.UPLOADING, created_by=user, created_at=now)
    job.digest, job.options = digest, {"region": instance.DEFAULT_REGION.get()}
    _read_as(job, shape)
    job.save()
    job.size = pieces.keep(job, file)
    job.state = State.MAPPING
    job.save(update_fields=["size", "state"])
    return job


def read_again(job: ImportJob, *, encoding: str, delimiter: str) -> bool:
    """Read the file in another way; False when it is past that. Raises NotTaken."""
    before, chosen = job.columns, (job.mapping, job.options)
    _read_as(job, csv_file.read_in(pieces.head(job), encoding, delimiter))
    if job.columns == before:  # then what was chosen for them still stands
        job.mapping, job.options = chosen[0], {**chosen[1], "start": job.options["start"]}
    mapping = ImportJob.objects.filter(pk=job.pk, state=State.MAPPING)
    names = ("encoding", "delimiter", "columns", "header", "mapping", "options")
    return mapping.update(**{name: getattr(job, name) for name in names}, error="") == 1


def choose(
    job: ImportJob,
    *,
    mapping: columns.Mapped,
    options: Mapping[str, Any],
    static_list: StaticList | None,
) -> bool:
    """Keep what was chosen on the mapping page, and nothing else; False when the job is past that."""
    job.mapping, job.static_list = dict(mapping), static_list
    job.options = {**job.options, **options}
    here = ImportJob.objects.filter(pk=job.pk, state=State.MAPPING)
    kept = {"mapping": job.mapping, "options": job.options, "static_list": static_list}
    return here.update(**kept, error="") == 1


def plan(job: ImportJob, *, now: datetime) -> Plan:
    """How the rows of a job are read: one query."""
    known, options = fields.everything(), job.options
    every = columns.choices(known)
    return Plan(
        {index: name for index, name in job.mapping.items() if name in every},
        every,
        matching.get(options.get("key", ""), known),
        now,
        region=options["region"],
        is_day_first=options.get("day_first", False),
    )


def preview(job: ImportJob, plan: Plan) -> list[Reading]:
    """The first rows as they would be taken; nothing is written. Raises NotTaken."""
    return [columns.read(row, plan) for row in pieces.first(job, PREVIEW).rows]


def earlier(job: ImportJob) -> QuerySet[ImportJob]:
    """The same file, byte by byte, as it was imported before: the newest first."""
    same = ImportJob.objects.filter(digest=job.digest, started_at__isnull=False).exclude(pk=job.pk)
    return same.select_related("created_by").order_by("-pk")


def forget_unmapped(now: datetime) -> None:
    """Delete files that were uploaded and never started, and uploads that broke off; let go of those of
    imports that failed and that nobody tried again."""
    waiting = ImportJob.objects.filter(state__in=[State.MAPPING, State.CHECKED])
    waiting.filter(created_at__lt=now - KEEP_UNMAPPED).delete()
    ImportJob.objects.filter(state=State.UPLOADING, created_at__lt=now - KEEP_HALF).delete()
    failed = ImportJob.objects.filter(state=State.FAILED, finished_at__lt=now - KEEP_UNMAPPED)
    ids = list(failed.values_list("pk", flat=True))
    with transaction.atomic():
        failed.filter(pk__in=ids).update(
            state=State.CANCELLED
        )  # whoever tries again comes first, or not
        ImportPiece.objects.filter(job__in=ids, job__state=State.CANCELLED).delete()
        ImportKey.objects.filter(job__in=ids, job__state=State.CANCELLED).delete()


def _read_as(job: ImportJob, shape: Shape) -> None:
    """Columns and how they are mapped, not yet kept."""
    job.encoding, job.delimiter, job.columns = shape.encoding, shape.delimiter, shape.columns
    job.header = sha256("\0".join(shape.columns).encode("utf-8", "replace")).hexdigest()
    job.options = {**job.options, "start": shape.start}
    _map(job)


def _map(job: ImportJob) -> None:
    """As the headers suggest; or as whoever had the same ones chose the last time."""
    known = fields.everything()
    job.mapping = columns.suggest(job.columns, known)
    last = _last_like(job)
    every = columns.choices(known)
    if last:
        job.mapping = {index: name for index, name in last.mapping.items() if name in every}
        job.options |= {n: last.options[n] for n in _REMEMBERED if n in last.options}
    job.options["remembered"] = last.pk if last else None
    names = set(job.mapping.values())
    chosen = job.options.get("key")
    if chosen is None or (chosen and chosen not in names):
        job.options["key"] = "email" if "email" in names else ""
    job.options.setdefault("day_first", job.options["region"] not in ("US", "CA"))


_REMEMBERED = ("region", "key", "day_first")


def _last_like(job: ImportJob) -> ImportJob | None:
    begun = ImportJob.objects.filter(header=job.header, started_at__isnull=False)
    return begun.exclude(pk=job.pk).order_by("-pk").first()


def refuse(job: ImportJob, why: str) -> None:
    """Back to its mapping page, with the reason."""
    here = ImportJob.objects.filter(pk=job.pk, state=State.CHECKING)
    here.update(state=State.MAPPING, error=why, forecast={}, rows=0)
    job.keys.all().delete()


def no_rows() -> NotTaken:
    return NotTaken(_("There is no row below the header."))
