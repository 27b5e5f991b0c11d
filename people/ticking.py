"""Who rang last for all due work, and when: beat, or a worker by itself while no beat does."""

from __future__ import annotations

from datetime import datetime

from people.models.tick import ONLY, Tick


def last() -> Tick | None:
    """The last bell; None before the first."""
    return Tick.objects.first()


def note(*, by: str, now: datetime) -> None:
    """Write down that a bell was heard."""
    if not Tick.objects.filter(pk=ONLY).update(by=by, at=now):
        Tick.objects.bulk_create([Tick(by=by, at=now)], ignore_conflicts=True)


def take(seen: Tick | None, *, by: str, now: datetime) -> bool:
    """Whether `by` is the one to ring next: of all who saw the same last bell, the first."""
    if seen:
        return bool(Tick.objects.filter(pk=ONLY, at=seen.at).update(by=by, at=now))
    Tick.objects.bulk_create([Tick(by=by, at=now)], ignore_conflicts=True)
    return Tick.objects.filter(by=by, at=now).exists()
