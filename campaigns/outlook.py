"""How fast a run goes, what is still to leave, what goes before it, and when it will be over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from vibes.models import Account, OutboxRange, OutboxRow, OutboxTally

from . import standing, versions
from .content import FlowSpec
from .models import Cohort, Entry, Run, Sample, Tally, Verdict
from .registry import StepType, steps
from .results import StepSum

State = Verdict.State
WINDOW = timedelta(seconds=60)  # over which the pace is measured
APART = timedelta(seconds=5)  # two samples, at least
KEPT = timedelta(minutes=5)


@dataclass(frozen=True)
class Outlook:
    """Of one run: texts a second of late (None while not measured), texts on the wire, texts still to leave
    as far as they can be foreseen, texts of other runs that go first, how long all that takes at the permitted rate,
    and when it is over; None where something holds it up.
    """

    pace: float | None
    flying: int
    left: int
    ahead: int
    takes: timedelta | None
    ends_at: datetime | None


def of(run: Run, sums: Sequence[StepSum], *, is_free: bool, now: datetime) -> Outlook:
    """From the sums of an open run. `is_free`: nothing holds it up, so that an end can be named."""
    flying = standing.of([run.pk]).flying
    queued = max(0, sum(each.counts[State.QUEUED] for each in sums) - flying)
    coming = round(to_come(run, sums))
    accounts = _accounts(run)
    ahead = _ahead(run, accounts, everything=coming > 0, now=now) if queued + coming else 0
    asking = max(run.to_ask - run.asked, 0) if run.state == Run.State.ASKING else 0
    takes = None
    if is_free and queued + coming:
        seconds = (queued + coming + ahead) / max(1, min(_rates(accounts, "events_per_second")))
        seconds += asking / max(1, min(_rates(accounts, "calls_per_second")))
        takes = timedelta(seconds=round(seconds))
    ends_at = now + takes if takes is not None else None
    return Outlook(_pace(run, sums, now), flying, queued + coming, ahead, takes, ends_at)


def to_come(run: Run, sums: Sequence[StepSum]) -> float:
    """How many texts people will be owed who have not reached their steps yet, by what the steps made of
    those before them. Nobody is counted beyond a step where people wait.
    """
    if len(flows := _flows(run)) > 1:
        return _to_come_in(flows, run, sums)
    total, walking, arrived = 0.0, 0.0, run.entered
    for each in sums:
        step_type = _type(each.kind)
        walking += max(arrived - each.entered, 0)
        if step_type and step_type.texts:
            total += walking * _share_texted(each)
        elif step_type and step_type.waits:
            walking = 0.0
        arrived = each.entered - each.counts[State.WAITING] - each.counts[State.LEFT]
    return total


def _share_texted(each: StepSum) -> float:
    """Of those who reached a step, the share that was owed a text; all, while nobody has."""
    if not each.entered:
        return 1.0
    return 1 - (each.counts[State.SKIPPED] + each.counts[State.DONE]) / each.entered


def _flows(run: Run) -> dict[int, FlowSpec]:
    return {each.pk: versions.flow_in(run, each) for each in versions.of_run(run)}


def _to_come_in(flows: Mapping[int, FlowSpec], run: Run, sums: Sequence[StepSum]) -> float:
    """Where people go through several versions, the sums do not say who comes to which step: those who walk do."""
    shares = {each.step_id: _share_texted(each) for each in sums}
    walking = Entry.objects.filter(
        cohort__run=run, cohort__state=Cohort.State.READY, left_at=None
    ).values_list("cohort__version", "cohort__position")
    total = 0.0
    for version, position, people in walking.annotate(number=Count("pk")).order_by():
        for step in flows[version or run.version_id].steps[position:]:
            step_type = _type(step.kind)
            if step_type and step_type.waits:
                break
            total += people * shares[step.id] if step_type and step_type.texts else 0
    return total


def _type(kind: str) -> StepType[Any] | None:
    return next((each for each in steps.all() if each.kind == kind), None)


# --- The queue ------------------------------------------------------------------------------------


def _accounts(run: Run) -> list[Account]:
    """The services that owe something for a run; all, while nothing is owed yet."""
    owing = OutboxRange.objects.open().filter(run_id=run.pk).values("account")
    found = Account.objects.only("events_per_second", "calls_per_second")
    return list(found.filter(pk__in=owing)) or list(found)


def _rates(accounts: Sequence[Account], name: str) -> list[int]:
    return [getattr(each, name) for each in accounts] or [getattr(Account(), name)]


def _ahead(run: Run, accounts: Sequence[Account], *, everything: bool, now: datetime) -> int:
    """Texts of other runs in ranges that are claimed before the last of ours; `everything` that waits,
    where some of ours have no place in the queue yet.
    """
    mine = OutboxRange.objects.open().filter(run_id=run.pk)
    last = mine.aggregate(id=Max("pk"), lane=Min("lane"))
    others = OutboxRange.objects.open().filter(run_id__in=Run.objects.moving().exclude(pk=run.pk))
    due = others.filter(
        Q(not_before=None) | Q(not_before__lte=now), held=False, account__in=accounts
    )
    if last["id"] and not everything:
        due = due.filter(Q(lane__lt=last["lane"]) | Q(lane=last["lane"], pk__lt=last["id"]))
    sizes = dict(due.values_list("run_id").annotate(number=Sum("size")))
    # A range that is half sent counts whole; what all of its run still owes bounds that.
    owed = OutboxTally.objects.filter(run_id__in=sizes, state=OutboxRow.State.READY)
    left = owed.values_list("run_id").annotate(number=Sum("debts"))
    return sum(min(number, sizes[run_id]) for run_id, number in left) if sizes else 0


# --- The pace -------------------------------------------------------------------------------------


def sample(*, now: datetime) -> None:
    """Note how many texts each run that moves has sent so far, and forget old notes. Three statements."""
    fresh = Sample.objects.filter(run_id=OuterRef("pk"), at__gt=now - APART)
    moving = Run.objects.moving().filter(~Exists(fresh))
    sent = Counter(dict.fromkeys(moving.values_list("pk", flat=True), 0))
    Sample.objects.filter(at__lt=now - KEPT).delete()
    if sent:
        sent.update(dict(_sent(sent).values_list("run_id").annotate(number=Sum("people"))))
        Sample.objects.bulk_create(Sample(run_id=pk, at=now, sent=n) for pk, n in sent.items())


def _sent(run_ids: Iterable[int]) -> QuerySet[Tally]:
    return Tally.objects.filter(run_id__in=run_ids, state=State.SENT)


def _pace(run: Run, sums: Sequence[StepSum], now: datetime) -> float | None:
    """Texts a second over the last minute, or since we look, where that is less."""
    samples = Sample.objects.filter(run_id=run.pk)
    since = (
        samples.filter(at__lte=now - WINDOW).order_by("-at").first()
        or samples.order_by("at").first()
    )
    if since is None or now - since.at < APART:
        return None
    sent = sum(each.counts[State.SENT] for each in sums)
    return max(0.0, (sent - since.sent) / (now - since.at).total_seconds())
