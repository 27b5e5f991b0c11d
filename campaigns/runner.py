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
from django.db.models import F
from django.utils.translation import gettext as _

from people import bulk
from people.crashpoint import crashpoint
from people.models import Person

from . import audience, failing, removing, requesting, skips, verdicts, versions
from .content import BranchSpec, StepSpec
from .models import Cohort, Entry, Run, Verdict
from .registry import Outcome, StepContext, StepType, steps
from .skips import Skip

log = structlog.get_logger(__name__)


class Next(Enum):
    """What is to be done with a cohort now."""

    CONTINUE = "continue"
    REST = "rest"


def advance(cohort_id: int, *, now: datetime) -> Next:
    """Take one cohort through its next step; a cohort that keeps failing is halved.

    Safe to call at any time, by anybody, any number of times: what is not due is left alone. Call it
    outside any transaction, since the attempt must be known even when we die in it.
    """
    cohort = failing.begin(cohort_id, now=now)
    if cohort is None:
        return Next.REST
    crashpoint("cohort-begun")
    try:
        following = _advance(cohort, now)
        crashpoint("cohort-committed")
        return following
    except (OperationalError, InterfaceError):
        failing.take_back(cohort)  # the database, not the people: nothing was written
        raise
    except Exception as error:  # anything a step may do wrong must not hold up the others
        log.exception("a cohort failed", cohort=cohort_id)
        goes_on = failing.after_error(cohort, error, now=now)
        return Next.CONTINUE if goes_on else Next.REST


def due(*, now: datetime, limit: int = 500) -> list[int]:
    """The cohorts that may advance now, the longest waiting first."""
    found = Cohort.objects.due(now).filter(run__state=Run.State.RUNNING)
    return list(
        found.order_by(F("due_at").asc(nulls_first=True), "id").values_list("pk", flat=True)[:limit]
    )


@transaction.atomic
def _advance(cohort: Cohort, now: datetime) -> Next:
    # The first write is also the lock: a second worker waits here, finds the cohort moved, and leaves.
    if not _move_on(cohort):
        return Next.REST
    crashpoint("cohort-moved")
    # Asked after the lock: whoever stops the run meanwhile waits for this cohort, or has been here first.
    if not Run.objects.filter(pk=cohort.run_id, state=Run.State.RUNNING).exists():
        _stay(cohort)
        return Next.REST
    if cohort.state == Cohort.State.WAITING:
        verdicts.end_waiting(cohort.pk, now=now)
    flow = versions.flow_of_cohort(cohort)
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


def _move_on(cohort: Cohort) -> bool:
    # Conditions on this table only: PostgreSQL judges them again after waiting for the row, but not a join's.
    here = Cohort.objects.filter(
        pk=cohort.pk,
        version=cohort.version_id,
        position=cohort.position,
        state=cohort.state,
        attempts=cohort.attempts,
    )
    return bool(
        here.update(position=F("position") + 1, state=Cohort.State.READY, due_at=None, attempts=0)
    )


def _stay(cohort: Cohort) -> None:
    """Back to where it stood: its run does not go on just now, and no attempt was made."""
    Cohort.objects.filter(pk=cohort.pk).update(
        position=cohort.position,
        state=cohort.state,
        due_at=cohort.due_at,
        attempts=cohort.attempts - 1,
    )


def _finish(cohort: Cohort) -> Next:
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.DONE, due_at=None)
    return Next.REST


def _rest_until(cohort: Cohort, until: datetime) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.WAITING, due_at=until)


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
            wave=self.cohort.wave,
            entries=self.entries,
            actor=_actor(run),
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
            same={
                "run": self.cohort.run_id,
                "step_id": self.step.id,
                "wave": self.cohort.wave,
                "at": self.now,
            },
        )
        requesting.write(outcome.requested, self._context(), depth=self.cohort.depth + 1)
        self._write_history(step_type, outcome)
        self._part(outcome)

    def _write_history(self, step_type: StepType[Any], outcome: Outcome) -> None:
        passed = [
            Skip(person, reason, _detail(outcome, person))
            for reason, people in outcome.skipped.items()
            for person in people
        ]
        run, step = self.cohort.run, self.step.id
        skips.record(run, step, str(step_type.label), passed, now=self.now)

    def _part(self, outcome: Outcome) -> None:
        """Those who wait go into cohorts of their own; those who left are out."""
        removing.remove(
            outcome.removed, but_run=self.cohort.run_id, by=self._context().by, now=self.now
        )
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
            version_id=self.cohort.version_id,
            position=self.cohort.position + 1,
            state=Cohort.State.WAITING,
            due_at=until,
            wave=self.cohort.wave,
            depth=self.cohort.depth,
        )
        Entry.objects.filter(cohort=self.cohort, person__among=people).update(cohort=apart)


def _actor(run: Run) -> str:
    """Who did a single flow action; '' where a campaign's run acts."""
    return _("%s (single flow action)") % (run.started_by or _("Somebody")) if run.chosen else ""


def place(
    step: StepSpec, people: Iterable[int], *, now: datetime
) -> list[tuple[BranchSpec, set[int]]]:
    """Everybody's branch, before anybody is changed: first match wins, the default takes the rest."""
    left, placed = set(people), []
    conditions = audience.choices(step, now=now)
    for branch, condition in zip(step.branches[:-1], conditions, strict=True):
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
    removed: dict[int, set[int]] = defaultdict(set)
    requested: dict[int, set[int]] = defaultdict(set)
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
        for campaign, people in each.removed.items():
            removed[campaign] |= people
        for campaign, people in each.requested.items():
            requested[campaign] |= people
    return Outcome(
        queued,
        dict(skipped),
        details,
        dict(parked),
        left,
        dict(removed),
        dict(requested),
        parts,
    )


def _columns(people: Iterable[int], outcome: Outcome) -> tuple[list[str], list[str], list[str]]:
    """States, reasons and details of people, in their order; whoever is not named is done."""
    state: dict[int, str] = dict.fromkeys(outcome.queued, Verdict.State.QUEUED)
    for requested in outcome.requested.values():
        state |= dict.fromkeys(requested, Verdict.State.QUEUED)
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
