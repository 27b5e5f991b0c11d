"""Who missed a step of a run, and may have it again in a run of its own: a retry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from people.models import Person, PersonQuerySet

from .models import Entry, Run, Verdict, VerdictQuerySet

State = Verdict.State
# What ended without the step having been done. What waits, or was done, is nobody's to retry.
STATES = (State.FAILED, State.UNKNOWN, State.CANCELLED, State.SKIPPED)
Which = tuple[str, str]  # a verdict's state and reason


@dataclass(frozen=True)
class Missed:
    """So many people met this verdict at a step and have not been retried."""

    step_id: int
    state: str
    reason: str
    people: int


def of(run: Run) -> list[Missed]:
    """What may be retried of a run: what failed before what was skipped, the most frequent first. One
    statement."""
    rows = _open_to_retry(run).values_list("step_id", "state", "reason")
    counted = rows.annotate(people=Count("pk")).order_by("-people", "reason")
    found = [Missed(*row) for row in counted]
    return sorted(found, key=lambda each: STATES.index(State(each.state)))


def verdicts(run: Run, step_id: int, which: Iterable[Which]) -> VerdictQuerySet:
    """The verdicts of a run that a retry of these would try again: each of them once, ever."""
    chosen = Q(pk__in=[])
    for state, reason in which:
        chosen |= Q(state=state, reason=reason)
    return _open_to_retry(run).filter(chosen, step_id=step_id)


def people_of(retry: Run) -> PersonQuerySet:
    """Those whom a retry is for, as things stand now."""
    return Person.objects.filter(pk__in=_tried(retry).values("person"))


def remember(retry: Run) -> None:
    """Write with each entry of a retry which verdict it tries again."""
    mine = _tried(retry).filter(person=OuterRef("person"))
    Entry.objects.filter(cohort__run=retry).update(retry_of=Subquery(mine.values("pk")[:1]))


def _tried(retry: Run) -> VerdictQuerySet:
    assert retry.retry_of is not None
    assert retry.retry_step_id is not None
    which = [(state, reason) for state, reason in retry.retry_verdicts]
    return verdicts(retry.retry_of, retry.retry_step_id, which)


def _open_to_retry(run: Run) -> VerdictQuerySet:
    retried = Entry.objects.filter(retry_of=OuterRef("pk"))
    return Verdict.objects.filter(~Exists(retried), run=run, state__in=STATES)
