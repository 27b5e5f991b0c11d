"""What became of everybody: sums, reasons and explanations, all read from the ledger (P2, P4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Sum

from vibes.models import OutboxRow

from . import runner, versions
from .models import Entry, Run, Verdict
from .registry import UnknownKind, steps

# In the order of PRODUCT's sum; texts on the wire count as queued.
TERMS = [state for state in Verdict.State]


@dataclass(frozen=True)
class ReasonCount:
    """One line of a step's reasons: how many had this verdict for this reason."""

    state: str
    reason: str
    words: str
    count: int


@dataclass
class StepSum:
    """What one step made of everybody who reached it."""

    step_id: int
    number: int
    label: str
    summary: str
    counts: Counter[str] = field(default_factory=Counter)
    reasons: list[ReasonCount] = field(default_factory=list)

    @property
    def entered(self) -> int:
        return sum(self.counts.values())

    @property
    def terms(self) -> list[tuple[str, str, int]]:
        """(state, its words, how many) of the terms that are not zero, in the order of the sum."""
        return [
            (state.value, str(state.label), self.counts[state])
            for state in TERMS
            if self.counts[state]
        ]


def sums(run: Run) -> list[StepSum]:
    """The sum line of each step of a run, with its reasons: one statement for any number of people."""
    flow = versions.flow_of(run.version)
    found = {
        step.id: StepSum(step.id, number, *_names(step)) for number, step in enumerate(flow.steps, 1)
    }
    rows = run.verdicts.values_list("step_id", "state", "reason").annotate(count=Count("pk"))
    for step_id, state, reason, count in rows.order_by("-count", "state", "reason"):
        each = found[step_id]
        each.counts[state] += count
        if reason:
            verdict = Verdict(state=state, reason=reason)
            each.reasons.append(ReasonCount(state, reason, runner.words(verdict), count))
    return list(found.values())


def _names(step: Any) -> tuple[str, str]:
    try:
        step_type = steps.get(step.kind)
    except UnknownKind:
        return step.kind, step.kind
    default = step.branches[-1]
    try:
        summary = step_type.summary(step_type.thaw(default.config))
    except (LookupError, ValueError, TypeError):
        summary = str(step_type.label)
    return str(step_type.label), summary


@dataclass(frozen=True)
class Progress:
    """How far a run is, from rows: people who reached each step, and texts on their way."""

    entered: int
    settled: int
    queued: int
    parts: int
    delivered: int
    undelivered: int

    @property
    def percent(self) -> int:
        total = self.settled + self.queued
        return 100 * self.settled // total if total else 0


def progress(run: Run) -> Progress:
    """Two statements."""
    counts = Counter(dict(run.verdicts.values_list("state").annotate(Count("pk"))))
    texts = OutboxRow.objects.filter(run_id=run.pk, action=OutboxRow.Action.TEXT)
    settled = dict(texts.values_list("state").annotate(Count("pk")))
    went = texts.filter(state__in=WENT).aggregate(parts=Sum("parts"))
    queued = sum(counts[state] for state in Verdict.OPEN)
    return Progress(
        run.entered,
        sum(counts.values()) - queued,
        queued,
        went["parts"] or 0,
        settled.get(OutboxRow.State.DELIVERED, 0),
        settled.get(OutboxRow.State.UNDELIVERED, 0),
    )


WENT = [OutboxRow.State.ACCEPTED, OutboxRow.State.DELIVERED, OutboxRow.State.UNDELIVERED]


def verdicts(
    run: Run, *, step_id: int | None = None, state: str = "", reason: str = "", after: int = 0
) -> QuerySet[Verdict]:
    """The people of a run by verdict, in the order of the ledger; `after` is the last id seen."""
    found = run.verdicts.select_related("person").filter(pk__gt=after).order_by("pk")
    if step_id:
        found = found.filter(step_id=step_id)
    if state:
        found = found.filter(state=state)
    return found.filter(reason=reason) if reason else found


@dataclass(frozen=True)
class Explained:
    """One person at one step: the verdict, why in words, and the text if there was one."""

    verdict: Verdict
    step: str
    why: str
    row: OutboxRow | None


def explain(entry: Entry) -> list[Explained]:
    """Everything one person met in a run, step by step."""
    names = {each.step_id: each.summary for each in sums(entry.run)}
    rows = {row.step_id: row for row in OutboxRow.objects.filter(entry_id=entry.pk)}
    return [
        Explained(
            verdict,
            names.get(verdict.step_id, ""),
            runner.words(verdict) if verdict.reason else "",
            rows.get(verdict.step_id),
        )
        for verdict in entry.verdicts.order_by("pk")
    ]
