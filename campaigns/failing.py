"""When a step fails, or whoever takes it dies: try again, halve, and let the one who cannot go on stand alone.

A cohort's `attempts` are raised before it is worked on, in a transaction of their own, and cleared
by progress: an attempt that left nothing behind was an error or a death. An error tells itself; a
death (no memory, a crash, a kill) is seen by whoever comes next.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from vibes.gate import Reason

from . import verdicts, versions
from .content import StepSpec
from .models import Cohort, Entry, Run, Verdict
from .models.run import CohortQuerySet

TRIES = 3  # without progress, before a cohort is halved; and of whoever stands alone
# Between two attempts, so that many who begin together are not taken for deaths.
APART = timedelta(seconds=5)


def begin(cohort_id: int, *, now: datetime) -> Cohort | None:
    """The cohort with an attempt counted, nobody else's for a moment; None when there is nothing to do.

    Call it outside any transaction: it must outlive us. One whose attempts are used up is divided here.
    """
    cohort = Cohort.objects.select_related(
        "version", "run__version", "run__campaign__node", "run__started_by"
    ).get(pk=cohort_id)
    if cohort.run.state != Run.State.RUNNING or not cohort.is_due(now):
        return None
    if cohort.attempts >= TRIES:
        died = _("Whoever took this step died, %d times") % TRIES
        return begin(cohort_id, now=now) if divide(cohort, died, now=now) else None
    if not _as_read(cohort).update(attempts=F("attempts") + 1, due_at=now + APART):
        return None
    cohort.attempts += 1
    return cohort


def take_back(cohort: Cohort) -> None:
    """The attempt was nobody's fault: the run was stopped, or the database was away."""
    connection.close_if_unusable_or_obsolete()
    try:
        _as_read(cohort).update(attempts=F("attempts") - 1, due_at=None)
    except (OperationalError, InterfaceError):
        return  # still away: one attempt of three, and it is due in a moment


def after_error(cohort: Cohort, error: Exception, *, now: datetime) -> bool:
    """An error in the step: again, or divided; whether the cohort goes on at once."""
    if cohort.attempts < TRIES:
        return bool(_as_read(cohort).update(due_at=None))
    return divide(cohort, f"{type(error).__name__}: {error}", now=now)


@transaction.atomic
def divide(cohort: Cohort, why: str, *, now: datetime) -> bool:
    """Halve a suspect cohort; let who stands alone fail. Whether the cohort goes on at once.

    A half that fails is halved at once; who stands alone is tried anew, since others may have been
    the cause, or chance.
    """
    if not _as_read(cohort).update(due_at=None):
        return False
    people = list(cohort.entries.filter(left_at=None).order_by("pk").values_list("pk", flat=True))
    if len(people) < 2:
        return _fail(cohort, why, now)
    middle = len(people) // 2
    half = Cohort.objects.create(
        run_id=cohort.run_id,
        number=cohort.number,
        version=cohort.version,
        position=cohort.position,
        state=cohort.state,
        attempts=_left_to(len(people) - middle),
        wave=cohort.wave,
        depth=cohort.depth,
    )
    Entry.objects.filter(pk__among=people[middle:]).update(cohort=half)
    return bool(_as_read(cohort).update(attempts=_left_to(middle)))


def _left_to(people: int) -> int:
    return TRIES - 1 if people > 1 else 0


def _as_read(cohort: Cohort) -> CohortQuerySet:
    # Conditions on this table only: PostgreSQL judges them again after waiting for the row, but not a join's.
    return Cohort.objects.filter(
        pk=cohort.pk,
        version=cohort.version_id,
        position=cohort.position,
        state=cohort.state,
        attempts=cohort.attempts,
    )


def _fail(cohort: Cohort, why: str, now: datetime) -> bool:
    """Give them a failed verdict here, and let them go on with the next step. Who waited behind the last
    step has none to fail at, and is through."""
    steps = versions.flow_of_cohort(cohort).steps
    if cohort.state == Cohort.State.WAITING:
        verdicts.end_waiting(cohort.pk, now=now)
    if cohort.position < len(steps):
        _write_failed(cohort, steps[cohort.position], why, now)
    last = cohort.position + 1 >= len(steps)
    state = Cohort.State.DONE if last else Cohort.State.READY
    _as_read(cohort).update(position=F("position") + 1, attempts=0, state=state)
    return not last


def _write_failed(cohort: Cohort, step: StepSpec, why: str, now: datetime) -> None:
    for entry in cohort.entries.filter(left_at=None):
        Verdict.objects.create(
            run_id=cohort.run_id,
            entry=entry,
            person_id=entry.person_id,
            step_id=step.id,
            wave=cohort.wave,
            state=Verdict.State.FAILED,
            reason=Reason.ERROR,
            detail=why[:255],
            at=now,
        )
