"""What an import did, kept for a day beside the import, so that it can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from people import bulk, fields
from people.models import ImportJob, ImportTrace
from people.upserting import Upsert

DAY = timedelta(hours=24)


def keep(job: ImportJob, upsert: Upsert, listed: set[int]) -> None:
    """Add what a slice did to what the slices before it did: at most three statements.

    Of a value that is changed twice, what stood there first and what stands there last is kept.
    """
    made = [person.pk for person in upsert.new]
    changed = {person.pk: _told(changes) for person, changes in upsert.changed}
    others = sorted((changed.keys() | listed) - {*made})
    there = _there(job, others)
    _insert(job, made, [pk for pk in others if pk not in there], changed, listed)
    again = [trace for trace in there.values() if not trace.made]
    for trace in again:
        before, after = changed.get(trace.person_id, ({}, {}))
        trace.before = before | trace.before
        trace.after |= after
        trace.listed |= trace.person_id in listed
    _update(again)


def forget_old(now: datetime) -> int:
    """After a day nothing is undone any more; say how many imports that is true of."""
    ended = ImportJob.objects.filter(finished_at__lt=now - DAY).exclude(state="undoing")
    old = ended.filter(traces__isnull=False).distinct()
    ids = list(old.values_list("pk", flat=True)[:20])
    ImportTrace.objects.filter(job__in=ids).delete()
    return len(ids)


def _told(changes: dict[str, list[Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values by field before and after, as JSON keeps them."""
    before = {name: fields.kept(name, old) for name, (old, _new) in changes.items()}
    return before, {name: fields.kept(name, new) for name, (_old, new) in changes.items()}


def _there(job: ImportJob, people: list[int]) -> dict[int, ImportTrace]:
    if not people:
        return {}
    found = ImportTrace.objects.filter(job=job, person_id__among=people)
    return {trace.person_id: trace for trace in found}


def _insert(
    job: ImportJob,
    made: list[int],
    others: list[int],
    changed: dict[int, tuple[dict[str, Any], dict[str, Any]]],
    listed: set[int],
) -> None:
    values = [changed.get(pk, ({}, {})) for pk in others]
    none: Iterable[dict[str, Any]] = [{}] * len(made)
    columns: bulk.Columns = {
        "person_id": [*made, *others],
        "made": [True] * len(made) + [False] * len(others),
        "listed": [pk in listed for pk in (*made, *others)],
        "before": [*none, *(before for before, _after in values)],
        "after": [*none, *(after for _before, after in values)],
    }
    bulk.insert_rows(ImportTrace, columns, same={"job": job.pk})


def _update(traces: list[ImportTrace]) -> None:
    names = ("listed", "before", "after")
    each = {name: [getattr(trace, name) for trace in traces] for name in names}
    bulk.update_rows(ImportTrace, match={"id": [trace.pk for trace in traces]}, each=each)
