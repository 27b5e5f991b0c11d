"""Take a cohort through its next step, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from people import activity, bulk
from people.activity import Happening, Kind
from people.crashpoint import crashpoint
from people.models import Person
from vibes.gate import Reason

from . import audience, versions
from .content import BranchSpec, StepSpec
from .models import Cohort, Entry, Run, Verdict
from .registry import Outcome, StepContext, StepType, steps
from .verdicts import why

log = structlog.get_logger(__name__)
TRIES = 3  # of a cohort that fails, before it is halved
SKIPPED = activity.register(Kind("skipped", "Skipped in Flow", "{step} skipped: {why}"))


class Next(Enum):
    """What is to be done with a cohort now."""

    CONTINUE = "continue"
    REST = "rest"


def advance(cohort_id: int, *, now: datetime) -> Next:
    """Take one cohort through its next step; a cohort that keeps failing is halved.

    Safe to call at any time, by anybody, any number of times: what is not due is left alone.
    """
    try:
        following = _advance(cohort_id, now)
        crashpoint("cohort-committed")
        return following
    except (OperationalError, InterfaceError):
        raise  # the database, not the people: nothing was written, the sweep comes again
    except Exception as error:  # anything a step may do wrong must not hold up the others
        log.exception("a cohort failed", cohort=cohort_id)
        return _after_failure(cohort_id, error, now)


def due(*, now: datetime, limit: int = 500) -> list[int]:
    """The cohorts that may advance now, the longest waiting first."""
    ready = Q(state=Cohort.State.READY) | Q(state=Cohort.State.WAITING)
    time_has_come = Q(due_at=None) | Q(due_at__lte=now)
    found = Cohort.objects.filter(ready, time_has_come, run__state=Run.State.RUNNING)
    return list(
        found.order_by(F("due_at").asc(nulls_first=True), "id").values_list("pk", flat=True)[:limit]
    )


@transaction.atomic
def _advance(cohort_id: int, now: datetime) -> Next:
    cohort = Cohort.objects.select_related("run__version", "run__campaign__node").get(pk=cohort_id)
    # The first write is also the lock: a second worker waits here, finds the cohort moved, and leaves.
    if not _move_on(cohort, now):
        return Next.REST
    crashpoint("cohort-moved")
    # Asked after the lock: whoever stops the run meanwhile waits for this cohort, or has been here first.
    if not Run.objects.filter(pk=cohort.run_id, state=Run.State.RUNNING).exists():
        transaction.set_rollback(True)
        return Next.REST
    if cohort.state == Cohort.State.WAITING:
        _end_waiting(cohort, now)
    flow = versions.flow_of(cohort.run.version)
    if cohort.position >= len(flow.steps):
        return _finish(cohort)
    visit = _Visit(cohort, flow.steps[cohort.position], now)
    visit.take()
    crashpoint("cohort-advanced")
    if not visit.staying:
        return _finish(cohort)
    last = cohort.position + 1 == len(flow.steps)
    if visit.parked_all_until is not None:
        _rest_until(cohort, visit.parked_all_until)
        return Next.REST
    return _finish(cohort) if last else Next.CONTINUE


def _move_on(cohort: Cohort, now: datetime) -> bool:
    # Conditions on this table only: PostgreSQL judges them again after waiting for the row, but not a join's.
    here = Cohort.objects.filter(
        Q(due_at=None) | Q(due_at__lte=now),
        pk=cohort.pk,
        position=cohort.position,
        state=cohort.state,
    ).exclude(state=Cohort.State.DONE)
    return bool(
        here.update(position=F("position") + 1, state=Cohort.State.READY, due_at=None, attempts=0)
    )


def _finish(cohort: Cohort) -> Next:
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.DONE, due_at=None)
    return Next.REST


def _rest_until(cohort: Cohort, until: datetime) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.WAITING, due_at=until)


def _end_waiting(cohort: Cohort, now: datetime) -> None:
    waiting = Verdict.objects.filter(entry__cohort=cohort, state=Verdict.State.WAITING)
    waiting.update(state=Verdict.State.DONE, at=now)


@dataclass
class _Visit:
    """One step visit by one cohort."""

    cohort: Cohort
    step: StepSpec
    now: datetime
    parked_all_until: datetime | None = None
    staying: bool = True

    def take(self) -> None:
        """Place everybody by choice, then act branch by branch, then write verdicts and history."""
        self.entries = dict(self.cohort.entries.filter(left_at=None).values_list("person_id", "pk"))
        step_type = steps.get(self.step.kind)
        outcomes = [
            self._act(step_type, branch, people)
            for branch, people in place(self.step, self.entries, now=self.now)
        ]
        self._write(step_type, merge_outcomes(outcomes))

    def _act(self, step_type: StepType[Any], branch: BranchSpec, people: Iterable[int]) -> Outcome:
        if branch.does_nothing:
            return Outcome()
        who = Person.objects.filter(pk__among=people).by_number()
        return step_type.execute(who, step_type.thaw(branch.config), self._context())

    def _context(self) -> StepContext:
        run = self.cohort.run
        return StepContext(
            now=self.now,
            campaign_id=run.campaign_id,
            campaign=str(run.campaign),
            run_id=run.pk,
            step_id=self.step.id,
            entries=self.entries,
        )

    def _write(self, step_type: StepType[Any], outcome: Outcome) -> None:
        states, reasons, details = _columns(self.entries, outcome)
        bulk.insert_rows(
            Verdict,
            {
                "entry": [*self.entries.values()],
                "person": [*self.entries],
                "state": states,
                "reason": reasons,
                "detail": details,
            },
            same={"run": self.cohort.run_id, "step_id": self.step.id, "at": self.now},
        )
        self._write_history(step_type, outcome)
        self._part(outcome)

    def _write_history(self, step_type: StepType[Any], outcome: Outcome) -> None:
        run, step = self.cohort.run, str(step_type.label)
        lines = [
            Happening(
                person,
                {
                    "step": step,
                    "reason": reason,
                    "why": why(reason, _detail(outcome, person)),
                },
                campaign_id=run.campaign_id,
                run_id=run.pk,
                step_id=self.step.id,
            )
            for reason, people in outcome.skipped.items()
            for person in people
        ]
        activity.record(SKIPPED, lines, at=self.now)

    def _part(self, outcome: Outcome) -> None:
        """Those who wait go into cohorts of their own; those who left are out."""
        if outcome.left:
            Entry.objects.filter(cohort=self.cohort, person__among=outcome.left).update(
                left_at=self.now
            )
        for until, people in outcome.parked.items():
            if len(people) == len(self.entries):
                self.parked_all_until = until
            else:
                self._split_off(people, until)
        gone = outcome.left | {who for people in outcome.parked.values() for who in people}
        self.staying = self.parked_all_until is not None or len(gone) < len(self.entries)

    def _split_off(self, people: Iterable[int], until: datetime) -> None:
        apart = Cohort.objects.create(
            run_id=self.cohort.run_id,
            number=self.cohort.number,
            position=self.cohort.position + 1,
            state=Cohort.State.WAITING,
            due_at=until,
        )
        Entry.objects.filter(cohort=self.cohort, person__among=people).update(cohort=apart)


def place(
    step: StepSpec, people: Iterable[int], *, now: datetime
) -> list[tuple[BranchSpec, set[int]]]:
    """Everybody's branch, before anybody is changed: first match wins, the default takes the rest."""
    left, placed = set(people), []
    for branch in step.branches[:-1]:
        assert branch.condition is not None  # only the default has none, and it stands last
        condition = audience.condition(branch.condition, now=now)
        found = Person.objects.filter(condition, pk__among=left).values_list("pk", flat=True)
        matched = set(found)
        left -= matched
        placed.append((branch, matched))
    placed.append((step.branches[-1], left))
    return [(branch, who) for branch, who in placed if who]


def merge_outcomes(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcomes of several branches as one."""
    skipped: dict[str, set[int]] = defaultdict(set)
    parked: dict[datetime, set[int]] = defaultdict(set)
    queued: set[int] = set()
    left: set[int] = set()
    details: dict[int, str] = {}
    parts = 0
    for each in outcomes:
        queued |= each.queued
        left |= each.left
        details |= each.details
        parts += each.parts
        for reason, people in each.skipped.items():
            skipped[reason] |= people
        for until, people in each.parked.items():
            parked[until] |= people
    return Outcome(queued, dict(skipped), details, dict(parked), left, parts)


def _columns(people: Iterable[int], outcome: Outcome) -> tuple[list[str], list[str], list[str]]:
    """States, reasons and details of people, in their order; whoever is not named is done."""
    state: dict[int, str] = dict.fromkeys(outcome.queued, Verdict.State.QUEUED)
    reason: dict[int, str] = {}
    for each, skipped in outcome.skipped.items():
        state |= dict.fromkeys(skipped, Verdict.State.SKIPPED)
        reason |= dict.fromkeys(skipped, each)
    for parked in outcome.parked.values():
        state |= dict.fromkeys(parked, Verdict.State.WAITING)
    state |= dict.fromkeys(outcome.left, Verdict.State.LEFT)
    return (
        [state.get(who, Verdict.State.DONE) for who in people],
        [reason.get(who, "") for who in people],
        [_detail(outcome, who) for who in people],
    )


def _detail(outcome: Outcome, person: int) -> str:
    return outcome.details.get(person, "")[:255]


# --- When a step fails ----------------------------------------------------------------------------


@transaction.atomic
def _after_failure(cohort_id: int, error: Exception, now: datetime) -> Next:
    """Try again; then halve; then let the one who cannot go on stand alone with a failed verdict."""
    cohort = (
        Cohort.objects.select_for_update(of=("self",))
        .select_related("run__version")
        .get(pk=cohort_id)
    )
    tried = Cohort.objects.filter(pk=cohort.pk, position=cohort.position)
    if cohort.attempts + 1 < TRIES:
        tried.update(attempts=F("attempts") + 1)
        return Next.CONTINUE
    people = list(cohort.entries.filter(left_at=None).order_by("pk").values_list("pk", flat=True))
    if len(people) > 1:
        _halve(cohort, people)
        return Next.CONTINUE
    return _fail(cohort, people, error, now)


def _halve(cohort: Cohort, entries: list[int]) -> None:
    half = Cohort.objects.create(
        run_id=cohort.run_id,
        number=cohort.number,
        position=cohort.position,
        state=cohort.state,
        attempts=TRIES - 1,  # known to be suspect: halve again at once
    )
    Entry.objects.filter(pk__in=entries[len(entries) // 2 :]).update(cohort=half)
    Cohort.objects.filter(pk=cohort.pk).update(attempts=TRIES - 1)


def _fail(cohort: Cohort, entries: list[int], error: Exception, now: datetime) -> Next:
    flow = versions.flow_of(cohort.run.version)
    step = flow.steps[cohort.position]
    detail = f"{type(error).__name__}: {error}"[:255]
    if cohort.state == Cohort.State.WAITING:
        _end_waiting(cohort, now)
    for entry in Entry.objects.filter(pk__in=entries):
        Verdict.objects.create(
            run_id=cohort.run_id,
            entry=entry,
            person_id=entry.person_id,
            step_id=step.id,
            state=Verdict.State.FAILED,
            reason=Reason.ERROR,
            detail=detail,
            at=now,
        )
    last = cohort.position + 1 >= len(flow.steps)
    Cohort.objects.filter(pk=cohort.pk).update(
        position=F("position") + 1,
        attempts=0,
        state=Cohort.State.DONE if last else Cohort.State.READY,
    )
    return Next.REST if last else Next.CONTINUE
