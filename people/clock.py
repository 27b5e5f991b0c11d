"""The database's clock: the one by which leases run out, whatever machine asks (rule R6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from django.db import connection
from django.utils import timezone

Clock = Callable[[], datetime]


def database_clock() -> Clock:
    """A clock that agrees with the database's, in UTC: asked once now, and counted on from there.

    So it neither jumps nor differs between machines; take a new one for each task. SQLite has no
    other clock than ours.
    """
    before = monotonic()
    at = database_now()
    asked_at = (before + monotonic()) / 2
    return lambda: at + timedelta(seconds=monotonic() - asked_at)


def database_now() -> datetime:
    """The database's time, in UTC: for what looks at it once."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found.astimezone(UTC)
