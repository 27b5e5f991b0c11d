"""What a pause made late: how much it is, and how it is cancelled where somebody chose that.

Whoever calls holds the locks of the run and its cohorts (`control`), and the run stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from people.models.setting import declare
from vibes import outbox
from vibes.gate import Reason

from . import owed, standing
from .models import Cohort, Entry, Run, Verdict

PAUSE_GRACE = declare(
    "pause_grace_minutes",
    default=30,
    help="After a longer pause than this, whoever resumes is asked what to do with what became late.",
)
COHORTS, RANGES = 1, 10  # in one transaction, where there is much


@dataclass(frozen=True)
class Late:
    """Texts, and calls and alerts, that are held, and people whose next step was due meanwhile. `is_whole`: its
    people were not even found, so that all of the run is late."""

    texts: int = 0
    people: int = 0
    is_whole: bool = False
    calls: int = 0

    def __bool__(self) -> bool:
        return bool(self.texts or self.people or self.calls or self.is_whole)


def of(run: Run, *, now: datetime) -> Late:
    """What became late while a run was paused; nothing where the pause was short (`PAUSE_GRACE`)."""
    if not is_long(run.paused_at, now):
        return Late()
    if run.paused_from == Run.State.ENROLLING:
        return Late(is_whole=True)
    found = standing.of([run.pk])
    people = Entry.objects.filter(cohort__in=_due(run, now), left_at=None).count()
    return Late(found.held, people, calls=found.calls)


def stand_still_since(since: datetime) -> None:
    """Runs that were paused while everything was, and still are: they stand still for as long as that."""
    paused = Run.objects.filter(state=Run.State.PAUSED, paused_at__gt=since)
    paused.update(paused_at=since)


def is_long(paused_at: datetime | None, now: datetime) -> bool:
    """Whether a pause has lasted long enough to make things late."""
    return paused_at is not None and now - paused_at > timedelta(minutes=PAUSE_GRACE.get())


def cancel(run: Run, *, before: datetime, now: datetime) -> int:
    """All of it: those whose step was due go no further, what is held is cancelled; how many texts."""
    _leave(list(_due(run, before).values_list("pk", flat=True)), now)
    while owed.cancel(run.pk, reason=Reason.LATE, now=now, before=before):
        pass
    return outbox.cancel_run(run.pk, reason=Reason.LATE, now=now, queued_before=before)


def cancel_some(run: Run, *, before: datetime, now: datetime) -> bool:
    """Some of it; whether there was any."""
    cohorts = list(_due(run, before).order_by("pk").values_list("pk", flat=True)[:COHORTS])
    _leave(cohorts, now)
    others = owed.cancel(run.pk, reason=Reason.LATE, now=now, before=before)
    texts = outbox.cancel_run(
        run.pk, reason=Reason.LATE, now=now, queued_before=before, ranges_at_most=RANGES
    )
    return bool(cohorts or texts or others)


def _due(run: Run, before: datetime) -> QuerySet[Cohort]:
    moving = run.cohorts.exclude(state=Cohort.State.DONE)
    return moving.filter(Q(due_at=None) | Q(due_at__lte=before))


def _leave(cohorts: list[int], now: datetime) -> None:
    waiting = Verdict.objects.filter(entry__cohort__in=cohorts, state=Verdict.State.WAITING)
    waiting.update(state=Verdict.State.CANCELLED, reason=Reason.LATE, at=now)
    Entry.objects.filter(cohort__in=cohorts, left_at=None).update(left_at=now)
    Cohort.objects.filter(pk__in=cohorts).update(state=Cohort.State.DONE, due_at=None)
