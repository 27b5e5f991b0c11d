"""What became of everybody: sums, reasons and explanations, all read from the ledger (P2, P4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from vibes.models import OutboxRow, OutboxTally

from . import run_steps
from .models import Entry, Run, Tally, Verdict
from .registry import steps
from .verdicts import words

# In the order of the sum on screen; texts on the wire count as queued.
TERMS = list(Verdict.State)


@dataclass(frozen=True)
class ReasonCount:
    """One line of a step's reasons: how many had this verdict for this reason."""

    state: str
    reason: str
    words: str
    count: int


@dataclass(frozen=True)
class Texts:
    """What became of the texts of one step: billed parts, and what the carriers said since."""

    parts_queued: int = 0
    parts_sent: int = 0
    sent: int = 0
    delivered: int = 0
    undelivered: int = 0

    @property
    def without_word(self) -> int:
        """Sent, and no carrier has said anything yet."""
        return self.sent - self.delivered - self.undelivered


@dataclass
class StepSum:
    """What one step made of everybody who reached it. `version` as a RunStep has it: where the step is gone."""

    step_id: int
    number: int
    label: str
    summary: str
    kind: str = ""
    version: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    reasons: list[ReasonCount] = field(default_factory=list)
    texts: Texts | None = None

    @property
    def entered(self) -> int:
        return sum(self.counts.values())

    @property
    def terms(self) -> list[tuple[str, str, int]]:
        """(state, its words, how many) of the terms that are not zero, in the order of the sum."""
        return [
            (state.value, str(state.label).lower(), self.counts[state])
            for state in TERMS
            if self.counts[state]
        ]


def sums(run: Run) -> list[StepSum]:
    """The sum line of each step of a run, with its reasons and texts: four statements for all people."""
    found = {
        step_id: StepSum(
            step_id, each.number, each.label, each.summary, each.spec.kind, each.version
        )
        for step_id, each in run_steps.of(run).items()
    }
    for (step_id, state, reason), count in counts(run).most_common():
        each = found[step_id]
        each.counts[state] += count
        if reason:
            verdict = Verdict(state=state, reason=reason)
            each.reasons.append(ReasonCount(state, reason, words(verdict), count))
    for step_id, texts in _texts(run).items():
        found[step_id].texts = texts
    return list(found.values())


def counts(run: Run) -> Counter[tuple[int, str, str]]:
    """How many verdicts of a run stand where, by step, state and reason: from the tallies, which are
    kept in the same transactions as the verdicts."""
    rows = Tally.objects.filter(run_id=run.pk).values_list("step_id", "state", "reason")
    summed = rows.annotate(number=Sum("people")).order_by("state", "reason")
    return Counter({tuple(key): number for *key, number in summed if number})


def recount(run: Run) -> Counter[tuple[int, str, str]]:
    """The same from the verdicts themselves: the proof, and slow where there are a million."""
    rows = run.verdicts.values_list("step_id", "state", "reason")
    return Counter({tuple(key): number for *key, number in rows.annotate(number=Count("pk"))})


def texts_anybody(run: Run) -> bool:
    """Whether a step of the run sends texts."""
    kinds = {each.kind: each for each in steps.all()}
    found = [each.spec.kind for each in run_steps.of(run).values()]
    return any(kinds[kind].texts for kind in found if kind in kinds)


def _texts(run: Run) -> dict[int, Texts]:
    rows = OutboxTally.objects.filter(run_id=run.pk, action=OutboxRow.Action.TEXT)
    texts: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    grouped = rows.values_list("step_id", "state")
    for step_id, state, count, parts in grouped.annotate(number=Sum("debts"), all=Sum("parts")):
        texts[step_id][state] = (count, parts)
    return {step_id: _as_texts(states) for step_id, states in texts.items()}


def _as_texts(states: dict[str, tuple[int, int]]) -> Texts:
    went = {state: figures for state, figures in states.items() if state in WENT}
    return Texts(
        parts_queued=sum(parts for _, parts in states.values()),
        parts_sent=sum(parts for _, parts in went.values()),
        sent=sum(count for count, _ in went.values()),
        delivered=states.get(OutboxRow.State.DELIVERED, (0, 0))[0],
        undelivered=states.get(OutboxRow.State.UNDELIVERED, (0, 0))[0],
    )


@dataclass(frozen=True)
class Progress:
    """How far a run is: verdicts that are final, and those expected in all."""

    settled: int
    expected: int

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.expected if self.expected else 0


def progress(run: Run, found: Sequence[StepSum]) -> Progress:
    """From the sums of a run; whoever left it early is expected nowhere any more once it is over."""
    settled = sum(
        each.entered - sum(each.counts[state] for state in Verdict.OPEN) for each in found
    )
    expected = sum(each.entered if each.version else run.entered for each in found)
    return Progress(settled, max(settled, expected) if run.is_open else settled)


WENT = [OutboxRow.State.ACCEPTED, OutboxRow.State.DELIVERED, OutboxRow.State.UNDELIVERED]


@dataclass(frozen=True)
class Which:
    """Which verdicts of a run are wanted. `delivery` is an outbox state that tells sent texts apart."""

    step_id: int | None = None
    state: str = ""
    reason: str = ""
    delivery: str = ""


def verdicts(run: Run, which: Which = Which()) -> QuerySet[Verdict]:
    """The people of a run by verdict."""
    found = run.verdicts.select_related("person")
    if which.step_id:
        found = found.filter(step_id=which.step_id)
    if which.state:
        found = found.filter(state=which.state)
    if which.delivery:
        row = OutboxRow.objects.filter(entry_id=OuterRef("entry_id"), step_id=OuterRef("step_id"))
        found = found.filter(Exists(row.filter(state=which.delivery)))
    return found.filter(reason=which.reason) if which.reason else found


@dataclass(frozen=True)
class Line:
    """One person at one step: the verdict, its step, why in words, and the text if there was one."""

    verdict: Verdict
    number: int
    step: str
    why: str
    row: OutboxRow | None


def lines(run: Run, found: Sequence[Verdict]) -> list[Line]:
    """What the table and the export say of some verdicts: two more statements for all of them."""
    names = {pk: (each.number, each.label) for pk, each in run_steps.of(run).items()}
    owed = OutboxRow.objects.filter(entry_id__in={each.entry_id for each in found})
    owed = owed.select_related("vibes_list")
    rows = {(row.entry_id, row.step_id): row for row in owed}
    return [
        Line(
            each,
            *names.get(each.step_id, (0, "")),
            words(each) if each.reason else "",
            rows.get((each.entry_id, each.step_id)),
        )
        for each in found
    ]


def explain(entry: Entry) -> list[Line]:
    """Everything one person met in a run, step by step."""
    return lines(entry.run, list(entry.verdicts.order_by("pk")))


def in_chunks(found: QuerySet[Verdict], size: int = 1_000) -> Iterator[list[Verdict]]:
    """All of them in the order of the ledger, some at a time, whatever comes in meanwhile."""
    after = 0
    while chunk := list(found.filter(pk__gt=after).order_by("pk")[:size]):
        after = chunk[-1].pk
        yield chunk
