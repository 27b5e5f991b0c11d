"""The one switch for everything: nothing leaves for anybody until somebody lets go of it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count

from people.models.setting import Setting
from vibes import outbox, pausing
from vibes.gate import PAUSED, Reason
from vibes.models import OutboxRange, OutboxRow

from . import control, owed, standing
from .late import PAUSE_GRACE, RANGES, is_long, stand_still_since
from .models import Effect, Intervention, Run
from .standing import Standing

Deed = Intervention.Deed


@dataclass(frozen=True)
class Braked:
    """What came of it; `acted` is False where somebody was first."""

    standing: Standing
    acted: bool
    cancelled: int = 0
    calls: int = 0  # that were cancelled

    @property
    def words(self) -> str:
        """How things stood, as the record says it."""
        cancelled = {"cancelled_now": self.cancelled, "calls_cancelled_now": self.calls}
        return standing.sentence({**self.standing.as_json(), **cancelled})


@dataclass(frozen=True)
class LateRun:
    """A run of which so many texts, and calls and alerts to others than Vibes, became late while everything was
    paused."""

    run: Run
    texts: int
    calls: int = 0


def pause(*, by: Any, why: str, now: datetime) -> Braked:
    """Let nothing leave any more. `why` is for those who read it on every page.

    Two transactions: what is counted is what stands once nobody is being permitted any more.
    """
    with transaction.atomic():
        if _switch() and not pausing.late_before():
            return Braked(standing.of(_moving()), acted=False)
        # Where it had not gone on yet, all has stood still since before, and what is late stays late.
        since = pausing.paused_since() or now
        pausing.hold_switch(by=str(by), why=why[:255], now=since)
    pausing.wait_for_permits()
    with transaction.atomic():
        return Braked(_record(Deed.PAUSE, by=by, why=why, now=now), acted=True)


@transaction.atomic
def resume(*, cancel_late: bool, by: Any, now: datetime) -> Braked:
    """Let everything go on; what became late is sent still, or cancelled. Where that is much, `let_go` cancels
    it soon after, and then lets everything go on."""
    if pausing.late_before() or not _switch():
        return Braked(standing.of(_moving()), acted=False)
    found, before = late(now=now) if cancel_late else [], _cutoff(now)
    cancelled, calls = sum(each.texts for each in found), sum(each.calls for each in found)
    if cancelled + calls > control.AT_ONCE:
        pausing.resume_after_cancelling(before)
    else:
        cancelled = sum(_cancel(each.run, before=before, now=now) for each in found)
        _go_on()
    stand = _record(Deed.RESUME, by=by, now=now, cancelled=cancelled, calls=calls)
    return Braked(stand, acted=True, cancelled=cancelled, calls=calls)


def let_go(*, clock: Callable[[], datetime], budget: float = 20.0) -> bool:
    """Cancel what became late, some at a time, for about `budget` seconds, then let everything go on; say
    whether it does. Safe to call again, by anybody, at any time."""
    ends = clock() + timedelta(seconds=budget)
    while clock() < ends:
        with transaction.atomic():
            before = _switch() and pausing.late_before()
            if not before:
                return True
            runs = _late_runs(before)
            if not runs:
                _go_on()
                return True
            _cancel(runs[0].run, before=before, now=clock(), ranges_at_most=RANGES)
    return False


def late(*, now: datetime) -> list[LateRun]:
    """The runs, not paused themselves, with what would have left long ago; none after a short pause."""
    if not is_long(pausing.paused_since(), now):
        return []
    return _late_runs(_cutoff(now))


def _late_runs(before: datetime) -> list[LateRun]:
    ranges = OutboxRange.objects.open().filter(held=False, queued_at__lt=before)
    rows = OutboxRow.objects.filter(range__in=ranges).waiting().order_by()
    texts = dict(rows.values_list("run_id").annotate(number=Count("pk")))
    others = Effect.objects.filter(state=Effect.State.READY, created_at__lt=before)
    others = others.filter(run__state=Run.State.RUNNING).order_by()
    calls = dict(others.values_list("run_id").annotate(number=Count("pk")))
    runs = Run.objects.filter(pk__in={*texts, *calls}).select_related("campaign__node")
    return [LateRun(run, texts.get(run.pk, 0), calls.get(run.pk, 0)) for run in runs.order_by("pk")]


def last_intervention() -> Intervention | None:
    """Who last used the switch."""
    return Intervention.objects.filter(run=None).select_related("by").first()


def _switch() -> dict[str, str]:
    """Who holds it down, and since when: read under its lock, so that two who press act one by one."""
    Setting.objects.get_or_create(name=PAUSED.name, defaults={"value": {}})
    kept: dict[str, str] = Setting.objects.select_for_update().get(name=PAUSED.name).value
    return kept


def _cancel(run: Run, *, before: datetime, now: datetime, ranges_at_most: int | None = None) -> int:
    """In the order in which everybody locks: the run, its cohorts, its ranges."""
    control.lock(run.pk)
    while owed.cancel(run.pk, reason=Reason.LATE, now=now, before=before):
        if ranges_at_most is not None:
            break
    return outbox.cancel_run(
        run.pk,
        reason=Reason.LATE,
        now=now,
        queued_before=before,
        ranges_at_most=ranges_at_most,
    )


def _go_on() -> None:
    if since := pausing.paused_since():
        stand_still_since(since)
    pausing.resume_everything()


def _cutoff(now: datetime) -> datetime:
    return now - timedelta(minutes=PAUSE_GRACE.get())


def _moving() -> list[int]:
    return list(Run.objects.filter(state__in=Run.OPEN).values_list("pk", flat=True))


def _record(
    deed: str, *, by: Any, now: datetime, why: str = "", cancelled: int = 0, calls: int = 0
) -> Standing:
    found = standing.of(_moving())
    figures = {**found.as_json(), "cancelled_now": cancelled, "calls_cancelled_now": calls}
    Intervention.objects.create(deed=deed, by=by, at=now, reason=why[:255], figures=figures)
    return found
