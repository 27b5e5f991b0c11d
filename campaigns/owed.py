"""What steps owe the world outside Vibes: written down, and called off. `effects` sees that it happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from people import bulk
from people.crashpoint import crashpoint
from vibes.gate import Reason

from .models import Effect, Entry, Verdict
from .models.effect import EffectQuerySet
from .registry import StepContext

SOME = 2_000


def write(kind: str, payloads: Mapping[int, dict[str, Any]], context: StepContext) -> None:
    """One effect for each person (id → what its step's `deliver` needs, JSON-ready), in one statement.

    Written twice for the same visit, it is owed once.
    """
    people = [*payloads]
    if not people:
        return
    bulk.insert_rows(
        Effect,
        {
            "entry": [context.entries[each] for each in people],
            "payload": [payloads[each] for each in people],
        },
        same={
            "run": context.run_id,
            "step_id": context.step_id,
            "wave": context.wave,
            "kind": kind,
            "created_at": context.now,
        },
        ignore_conflicts=True,
    )
    crashpoint("effects-owed")


def cancel(run_id: int, *, reason: str, now: datetime, before: datetime | None = None) -> int:
    """Call off some of what a run has not begun (only what was owed `before`); how many. 0: nothing is left."""
    ready = Effect.objects.filter(run=run_id, state=Effect.State.READY)
    if before is not None:
        ready = ready.filter(created_at__lt=before)
    rows = ready.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    found = list(rows.values_list("pk", "entry_id", "step_id", "wave")[:SOME])
    call_off(found, state=Verdict.State.CANCELLED, reason=reason, now=now)
    return len(found)


def call_off(
    found: list[tuple[int, int, int, int]], *, state: str, reason: str, now: datetime
) -> None:
    """End these effects, that have not begun and are locked: (id, entry, step id, wave) of each."""
    ready = Effect.objects.filter(pk__among=[pk for pk, *_ in found], state=Effect.State.READY)
    ready.update(state=Effect.State.CANCELLED, settled_at=now)
    settle([each[1:] for each in found], state=state, reason=reason, now=now)


def of_binned(*, now: datetime) -> list[tuple[int, int, int, int]]:
    """Some of what is due of people in the recycle bin, locked: (id, entry, step id, wave) of each."""
    due = Effect.objects.due(now).filter(entry__person__deleted_at__isnull=False)
    rows = due.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    return list(rows.values_list("pk", "entry_id", "step_id", "wave")[:SOME])


def left(run_id: int) -> int:
    """How many effects of a run have not begun."""
    return Effect.objects.filter(run=run_id, state=Effect.State.READY).count()


def forget(entries: QuerySet[Entry], *, now: datetime) -> None:
    """Nothing more is said of people who are erased, and what was said and answered is not kept."""
    mine = Effect.objects.filter(entry__in=entries.values("pk"))
    _end(mine, Effect.State.READY, Effect.State.CANCELLED, Reason.PERSON_DELETED, now)
    # Whoever is at one has no claim to it any more: an answer that comes now is written nowhere.
    _end(mine, Effect.State.SENDING, Effect.State.UNKNOWN, Reason.EFFECT_LOST, now)
    mine.update(payload={}, answer={}, detail="")


def _end(mine: EffectQuerySet, state: str, becomes: str, reason: str, now: datetime) -> None:
    rows = mine.filter(state=state).order_by("pk").select_for_update(of=("self",))
    found = list(rows.values_list("pk", "entry_id", "step_id", "wave"))
    gone = {"state": becomes, "settled_at": now, "claim": None, "claimed_until": None}
    Effect.objects.filter(pk__among=[pk for pk, *_ in found]).update(**gone)
    settle([each[1:] for each in found], state=becomes, reason=reason, now=now)


def settle(
    visits: list[tuple[int, int, int]],
    *,
    state: str,
    reason: str = "",
    detail: str = "",
    now: datetime,
) -> None:
    """Move the verdicts of these visits: (entry, step id, wave) of each."""
    if not visits:
        return
    entries, steps, waves = (list(each) for each in zip(*visits, strict=True))
    bulk.update_rows(
        Verdict,
        match={"entry": entries, "step_id": steps, "wave": waves},
        same={"state": state, "reason": reason, "detail": detail, "at": now},
    )
