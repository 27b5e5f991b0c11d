"""Somebody confirms that a restored or copied database may send: then nothing of the past goes twice.

What it holds as *sending* may have left: it is unknown. What it holds as owed may have left as well,
from the database it was copied from: its runs do not go on by themselves, and planned runs that are due ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from vibes import gate, lock, settling
from vibes.models import OutboxRow, Unlocking

from . import control, schedule
from .models import Run, Slot


class NotLocked(Exception):
    """Nothing is locked, or it is locked by what nobody can confirm away."""


@dataclass(frozen=True)
class Consequences:
    """What unlocking does: how many texts become unknown, which runs do not go on by themselves, and
    which planned runs are called missed."""

    why: lock.Why | None
    on_the_wire: int
    runs: list[Run]
    slots: list[Slot]


def consequences(*, now: datetime) -> Consequences:
    """What unlocking would do now."""
    on_the_wire = OutboxRow.objects.filter(state=OutboxRow.State.SENDING).count()
    runs = Run.objects.filter(state__in=Run.OPEN).select_related("campaign__node")
    slots = Slot.objects.filter(pk__in=schedule.due(now=now)).select_related("campaign__node")
    return Consequences(lock.why(), on_the_wire, list(runs), list(slots))


@transaction.atomic
def unlock(*, by: Any, by_name: str, now: datetime) -> Unlocking:
    """Let this database send from now on, from this machine and those that join it. Raises NotLocked.

    `by` is the user, or None where it was done on the machine itself; `by_name` is kept for good.
    """
    why = lock.why()
    if why in (None, lock.Why.NOT_DURABLE):
        raise NotLocked(lock.words(why))
    runs = list(Run.objects.filter(state__in=Run.OPEN).order_by("pk"))
    for run in runs:
        control.stop(run.pk, by=by, now=now, why=lock.words(why))
    schedule.miss_due(now=now)
    unknown = _forget_the_wire(now)
    lock.rebind()
    return Unlocking.objects.create(
        happened_at=now,
        by=by,
        by_name=by_name[:150],
        why=why,
        unknown=unknown,
        runs=[run.pk for run in runs],
    )


def _forget_the_wire(now: datetime) -> int:
    """Whatever was on the wire when the dump was made: nobody here will hear what became of it."""
    sending = OutboxRow.objects.select_for_update().filter(state=OutboxRow.State.SENDING)
    rows = list(sending.order_by("pk"))
    settling.move(rows, OutboxRow.State.UNKNOWN, reason=gate.Reason.RESTORED, now=now)
    return len(rows)
