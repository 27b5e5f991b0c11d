"""Which of our processes live: each writes so itself, every SWEEP_SECONDS."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max, QuerySet

from .models import Heartbeat

ALIVE = timedelta(seconds=3 * settings.SWEEP_SECONDS)
KEPT = timedelta(hours=1)  # after its last beat, so that one can see who is missing
_first_look: list[datetime | None] = []


class Trouble(StrEnum):
    """What a process cannot do without, and misses."""

    BROKER = "broker"
    STORAGE = "storage"


def beat(key: UUID, *, now: datetime, **facts: Any) -> None:
    """Write that a process lives; at its first beat, who it is. Forget whoever has been silent for long."""
    if not Heartbeat.objects.filter(key=key).update(seen_at=now, **facts):
        Heartbeat.objects.create(key=key, seen_at=now, started_at=now, **facts)
        Heartbeat.objects.filter(seen_at__lt=now - KEPT).delete()


def leave(key: UUID) -> None:
    """A process that ends in order is missed by nobody."""
    Heartbeat.objects.filter(key=key).delete()


def alive(now: datetime) -> QuerySet[Heartbeat]:
    """The processes heard of lately."""
    return Heartbeat.objects.filter(seen_at__gte=now - ALIVE)


def recent(now: datetime) -> list[Heartbeat]:
    """The processes of the last hour, also those that fell silent."""
    return list(Heartbeat.objects.filter(seen_at__gte=now - KEPT))


def a_member_lives() -> bool:
    """Whether a process on a machine that may send has beaten since this one first looked.

    In a copied database every heart stands still.
    """
    newest = Heartbeat.objects.filter(is_member=True).aggregate(at=Max("seen_at"))["at"]
    if not _first_look:
        _first_look.append(newest)
    return newest is not None and newest > (_first_look[0] or newest)


def look_anew() -> None:
    """Forget what this process saw at its first look."""
    _first_look.clear()
