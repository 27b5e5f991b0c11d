"""The first pass over a file: everything is counted, nothing is written of it.

It goes on by slices as the import does, so that it can be left, and killed.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from people import bulk, columns, csv_file, matching, pieces, receiving, trouble
from people.columns import Plan, Reading
from people.csv_file import NotTaken, Stretch
from people.models import ImportJob, ImportKey

State = ImportJob.State
SLICES_A_TURN = 20
MOST_REASONS = 50
_QUOTED = re.compile("“.*”", re.DOTALL)


def begin(job: ImportJob) -> bool:
    """Let the file be looked through, from its beginning; False when it is past its mapping."""
    mapped = ImportJob.objects.filter(pk=job.pk, state=State.MAPPING)
    start = {"offset": job.options["start"], "line": 2, "rows": 0, "forecast": {}, "error": ""}
    return mapped.update(state=State.CHECKING, **start) == 1


def back(job: ImportJob) -> bool:
    """To the mapping again; False when it was started meanwhile."""
    here = ImportJob.objects.filter(pk=job.pk, state__in=[State.CHECKING, State.CHECKED])
    if not here.update(state=State.MAPPING, forecast={}, rows=0):
        return False
    job.keys.all().delete()
    return True


def look_through(job_id: int, *, now: datetime, slices: int = SLICES_A_TURN) -> bool:
    """Count the next rows; True when there are more."""
    for _slice in range(slices):
        job = ImportJob.objects.filter(pk=job_id, state=State.CHECKING).first()
        if job is None or not trouble.guarded(
            partial(look_at_slice, job, now=now),
            stop=partial(receiving.refuse, job),
            job=f"look through {job_id}",
        ):
            return False
    return True


def look_at_slice(job: ImportJob, *, now: datetime) -> bool:
    """Count the rows at `job.offset`; False when somebody else did meanwhile, or none are left."""
    try:
        found = pieces.ahead(job)
        _within_limits(job, found)
    except NotTaken as error:
        receiving.refuse(job, str(error))
        return False
    except pieces.Gone:
        return False
    plan = receiving.plan(job, now=now)
    readings = [columns.read(row, plan) for row in found.rows]
    with transaction.atomic():
        if not _move_on(job, found):
            return False
        here = ImportJob.objects.filter(pk=job.pk)
        here.update(forecast=_sum(job, readings, plan))
        if found.end >= job.size:
            here.update(state=State.CHECKED)
            ImportKey.objects.filter(job=job).delete()
            return False
    return True


def _within_limits(job: ImportJob, found: Stretch) -> None:
    rows = job.rows + len(found.rows)
    if rows > csv_file.MAX_ROWS or found.line > csv_file.MAX_LINES:
        raise NotTaken(_("The file has more than 500,000 rows. Split it, please."))
    if not rows and found.end >= job.size:
        raise receiving.no_rows()


def _move_on(job: ImportJob, found: Stretch) -> bool:
    here = ImportJob.objects.filter(pk=job.pk, state=State.CHECKING, offset=job.offset)
    rows = F("rows") + len(found.rows)
    return here.update(offset=found.end, line=found.line, rows=rows) == 1


def _sum(job: ImportJob, readings: list[Reading], plan: Plan) -> dict[str, Any]:
    """What the job counted so far, with these rows."""
    taken = [each for each in readings if not each.rejected]
    keys = [each.key for each in taken if each.key]
    new, first = _first_seen(job, keys, plan) if keys else (0, 0)
    keyless = len(taken) - len(keys)
    counted = {
        "new": new + keyless,
        "updated": len(keys) - new,
        "rejected": len(readings) - len(taken),
        "invalid": sum(bool(each.invalid_number) for each in taken),
        "fixed": sum(each.is_fixed for each in taken),
        "twice": len(keys) - first,
        "keyless": keyless,
        "evidence": sum(each.evidence is not None for each in taken),
    }
    sums = {name: job.forecast.get(name, 0) + count for name, count in counted.items()}
    return sums | {"reasons": _reasons(job.forecast.get("reasons", {}), readings)}


def _first_seen(job: ImportJob, keys: list[str], plan: Plan) -> tuple[int, int]:
    """Of these keys, those that make a new person, and those no earlier row had: three statements."""
    distinct = dict.fromkeys(keys)
    known = set(matching.keys_among(distinct, plan.key))
    unknown = [key for key in distinct if key not in known]
    new = _insert(job, unknown)
    return new, new + _insert(job, [key for key in distinct if key in known])


def _insert(job: ImportJob, keys: list[str]) -> int:
    return bulk.insert_rows(ImportKey, {"key": keys}, same={"job": job.pk}, ignore_conflicts=True)


def _reasons(before: dict[str, int], readings: list[Reading]) -> dict[str, int]:
    """How often each reason was given, whatever stood in the cell."""
    counts = Counter(before)
    for each in readings:
        if each.rejected:
            reason = _QUOTED.sub("“…”", each.rejected)
            many = len(counts) >= MOST_REASONS and reason not in counts
            counts[_("Other reasons") if many else reason] += 1
    return dict(counts)
