"""What flows ask of other campaigns: written down, and called off. `listener` answers it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from people import bulk
from people.crashpoint import crashpoint
from vibes.gate import Reason

from . import owed
from .models import Request, Verdict
from .registry import StepContext


def write(requested: Mapping[int, AbstractSet[int]], context: StepContext, *, depth: int) -> None:
    """One request a person (campaign id → person ids): a statement for all, in the transaction of the step.

    Written twice for the same visit, it is made once.
    """
    people = [(who, campaign) for campaign, some in requested.items() for who in sorted(some)]
    if not people:
        return
    columns: dict[str, list[Any]] = {
        "entry": [context.entries[who] for who, _ in people],
        "campaign": [campaign for _, campaign in people],
    }
    same: dict[str, Any] = {
        "run": context.run_id,
        "step_id": context.step_id,
        "wave": context.wave,
        "depth": depth,
        "created_at": context.now,
    }
    bulk.insert_rows(Request, columns, same=same, ignore_conflicts=True)
    crashpoint("requests-written")


def cancel(run_id: int, *, now: datetime) -> int:
    """Call off some of what a stopped run requested and nobody answered; how many. 0: nothing is left."""
    mine = Request.objects.waiting().filter(run=run_id).order_by("pk")
    rows = mine.select_for_update(of=("self",), skip_locked=True)
    found = list(rows.values_list("pk", "entry_id", "step_id", "wave")[: owed.SOME])
    gone = {"state": Request.State.CANCELLED, "answered_at": now}
    Request.objects.filter(pk__among=[pk for pk, *_ in found]).update(**gone)
    visits = [each[1:] for each in found]
    owed.settle(visits, state=Verdict.State.CANCELLED, reason=Reason.STOPPED, now=now)
    return len(found)


def left(run_id: int) -> int:
    """How many of a run's requests nobody has answered."""
    return Request.objects.waiting().filter(run=run_id).count()
