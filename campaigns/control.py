"""Pause, resume and stop a run: at once, for good where it must be, and saying exactly how things stood.

Everybody locks in one order: the run, its cohorts, then the outbox's ranges. So nobody takes a step and
no permission to send is granted while one of these is done; what was on the wire before stays there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Sum

from people.crashpoint import crashpoint
from vibes import outbox
from vibes.gate import Reason
from vibes.models import OutboxRange

from . import late, owed, requesting, sources, standing
from .models import Cohort, Effect, Intervention, Request, Run, Tally, Verdict
from .standing import Standing

Deed = Intervention.Deed
AT_ONCE = 2_000  # texts and people a stop writes down itself; more than that is wound up after it
PAUSING = ["state", "paused_from", "asked_at", "paused_at", "pause_reason", "late_before"]


@dataclass(frozen=True)
class Handled:
    """What came of it: the run as it is now and how it stands; `acted` is False where somebody was first."""

    run: Run
    standing: Standing
    acted: bool
    cancelled: int = 0
    calls: int = 0  # that were cancelled

    @property
    def words(self) -> str:
        """How things stood, as the record says it."""
        cancelled = {"cancelled_now": self.cancelled, "calls_cancelled_now": self.calls}
        return standing.sentence({**self.standing.as_json(), **cancelled})


@transaction.atomic
def pause(run_id: int, *, by: Any, now: datetime, why: str = "") -> Handled:
    """Let nobody of a run go on and nothing of it leave, until it is resumed or stopped."""
    run = lock(run_id)
    if run.state not in Run.MOVING and not run.late_before:
        return Handled(run, standing.of([run_id]), acted=False)
    if not run.late_before:  # else it had not gone on yet, and what is late stays late
        run.paused_from, run.state, run.paused_at = run.state, Run.State.PAUSED, now
    run.pause_reason, run.late_before = why[:255], None
    run.save(update_fields=PAUSING)
    outbox.hold_run(run_id)
    crashpoint("inside-pause")
    return _record(run, Deed.PAUSE, standing.of([run_id]), by=by, now=now, why=why)


@transaction.atomic
def resume(run_id: int, *, cancel_late: bool, by: Any, now: datetime) -> Handled:
    """Let a run go on where it was; what became late is sent still, or cancelled with its people. A run that
    is late as a whole is stopped then.

    Where that is much, `let_go` cancels it soon after, and then lets the run go on.
    """
    run = lock(run_id)
    if not run.is_paused or run.late_before:
        return Handled(run, standing.of([run_id]), acted=False)
    much = late.of(run, now=now) if cancel_late else late.Late()
    if much.is_whole:
        return stop(run_id, by=by, now=now, why=run.pause_reason)
    if much and much.texts + much.people + much.calls > AT_ONCE:
        return _let_go_later(run, much, by=by, now=now)
    calls = owed.left(run_id)
    cancelled = late.cancel(run, before=now, now=now) if much else 0
    _go_on(run, now)
    crashpoint("inside-resume")
    found = standing.of([run_id])
    gone = calls - found.calls
    return _record(run, Deed.RESUME, found, by=by, now=now, cancelled=cancelled, calls=gone)


def _let_go_later(run: Run, much: late.Late, *, by: Any, now: datetime) -> Handled:
    run.late_before = now
    run.save(update_fields=["late_before"])
    found = standing.of([run.pk])
    rest = {"held": found.held - much.texts, "calls": found.calls - much.calls}
    over = replace(found, cancelled=found.cancelled + much.texts, **rest)
    texts, calls = much.texts, much.calls
    return _record(run, Deed.RESUME, over, by=by, now=now, cancelled=texts, calls=calls)


def _go_on(run: Run, now: datetime) -> None:
    # Nobody asked Vibes during the pause: it has not been silent for so long.
    run.state, run.paused_from, run.asked_at = run.paused_from, "", run.asked_at and now
    run.paused_at, run.pause_reason, run.late_before = None, "", None
    run.save(update_fields=PAUSING)
    outbox.release_run(run.pk)


def to_let_go() -> list[int]:
    """Runs that somebody resumed, and of which what became late is not cancelled yet."""
    resumed = Run.objects.filter(state=Run.State.PAUSED, late_before__isnull=False)
    return list(resumed.values_list("pk", flat=True))


def let_go(run_id: int, *, clock: Callable[[], datetime], budget: float = 20.0) -> bool:
    """Cancel what became late, some at a time, for about `budget` seconds, then let the run go on; say whether
    it does. Safe to call again, by anybody, at any time."""
    ends = clock() + timedelta(seconds=budget)
    while clock() < ends:
        with transaction.atomic():
            run = lock(run_id)
            if run.late_before is None or not run.is_paused:
                return True
            if not late.cancel_some(run, before=run.late_before, now=clock()):
                _go_on(run, clock())
                return True
    return False


@transaction.atomic
def stop(run_id: int, *, by: Any, now: datetime, why: str = "") -> Handled:
    """Stop a run for good: nobody moves on, what has not left is cancelled. What is in flight settles."""
    run = lock(run_id)
    if not run.is_open:
        return Handled(run, standing.of([run_id]), acted=False)
    before = standing.of([run_id])
    run.state, run.finished_at = Run.State.CANCELLED, now
    run.paused_from, run.paused_at, run.late_before = "", None, None
    run.chosen = sources.forgotten(run.chosen)
    paused = ["paused_from", "paused_at", "late_before"]
    run.save(update_fields=["state", "finished_at", *paused, "chosen"])
    Cohort.objects.filter(run=run).update(state=Cohort.State.DONE, due_at=None)
    outbox.hold_run(run_id)
    crashpoint("inside-stop")
    found = standing.of([run_id])
    others = owed.left(run_id) + requesting.left(run_id)
    if found.held + found.waiting + others <= AT_ONCE:
        while _wind_up_some(run_id, now):
            pass
        found = standing.of([run_id])
        off = {"cancelled": found.cancelled - before.cancelled, "calls": before.calls - found.calls}
        return _record(run, Deed.STOP, found, by=by, now=now, why=why, **off)
    # Nothing of it can leave any more. That it is cancelled is written down by `wind_up`, soon after.
    over = replace(found, cancelled=found.cancelled + found.held, held=0, waiting=0, calls=0)
    off = {"cancelled": found.held, "calls": found.calls}
    return _record(run, Deed.STOP, over, by=by, now=now, why=why, **off)


def to_wind_up() -> list[int]:
    """Stopped runs whose rows and verdicts do not all say so yet."""
    owing = OutboxRange.objects.open().filter(held=True, run_id=OuterRef("pk"))
    waiting = Tally.objects.filter(run_id=OuterRef("pk"), state=Verdict.State.WAITING)
    summed = waiting.order_by().values("run_id").annotate(all=Sum("people")).filter(all__gt=0)
    others = Effect.objects.filter(run=OuterRef("pk"), state=Effect.State.READY)
    asked = Request.objects.waiting().filter(run=OuterRef("pk"))
    stopped = Run.objects.filter(state=Run.State.CANCELLED)
    found = stopped.filter(Exists(owing) | Exists(summed) | Exists(others) | Exists(asked))
    return list(found.values_list("pk", flat=True))


def wind_up(run_id: int, *, clock: Callable[[], datetime], budget: float = 20.0) -> bool:
    """Write down that what a stopped run owed is cancelled, some at a time, for about `budget` seconds;
    say whether that is all. Safe to call again, by anybody, at any time.
    """
    ends = clock() + timedelta(seconds=budget)
    while clock() < ends:
        with transaction.atomic():
            Run.objects.select_for_update(no_key=True).get(pk=run_id)  # one at a time
            if not _wind_up_some(run_id, clock()):
                return True
    return False


def _wind_up_some(run_id: int, now: datetime) -> int:
    waiting = Verdict.objects.filter(run=run_id, state=Verdict.State.WAITING)
    some = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    Verdict.objects.filter(pk__in=some).update(
        state=Verdict.State.CANCELLED, reason=Reason.STOPPED, at=now
    )
    others = owed.cancel(run_id, reason=Reason.STOPPED, now=now)
    others += requesting.cancel(run_id, now=now)
    ranges = OutboxRange.objects.open().filter(run_id=run_id)
    rows = outbox.cancel_run(run_id, reason=Reason.STOPPED, now=now, ranges_at_most=late.RANGES)
    return len(some) + others + rows + ranges.filter(state=OutboxRange.State.READY).count()


def last_intervention(run: Run) -> Intervention | None:
    """Who last did something to a run: what those read who came second."""
    return run.interventions.select_related("by").first()


def lock(run_id: int) -> Run:
    """The run and then its cohorts: whoever advances one is waited for, and comes too late after.

    Whoever advances one refers to the run, which asks for its key: that must not wait for us. Of a cohort
    that was being halved the new half is seen at the next look only.
    """
    run = Run.objects.select_for_update(no_key=True).get(pk=run_id)
    cohorts = Cohort.objects.select_for_update(no_key=True).filter(run=run).order_by("pk")
    seen: list[int] | None = None
    while seen != (found := list(cohorts.values_list("pk", flat=True))):
        seen = found
    return run


def _record(
    run: Run,
    deed: str,
    found: Standing,
    *,
    by: Any,
    now: datetime,
    why: str = "",
    cancelled: int = 0,
    calls: int = 0,
) -> Handled:
    figures = {**found.as_json(), "cancelled_now": cancelled, "calls_cancelled_now": calls}
    Intervention.objects.create(
        run=run, deed=deed, by=by, at=now, reason=why[:255], figures=figures
    )
    return Handled(run, found, acted=True, cancelled=cancelled, calls=calls)
