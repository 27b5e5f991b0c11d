"""The one switch: while it is set, nothing leaves for any service."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from .gate import PAUSED
from .models import OutboxRange


def hold_switch(*, by: str, why: str = "", now: datetime) -> None:
    """Let nothing begin any more: once this is committed, whoever asks for a permission gets none. What was
    permitted before may leave up to 5 seconds later. `by` is who did it, for people to read.
    """
    PAUSED.set({"since": now.isoformat(), "by": by, "why": why})


def wait_for_permits() -> None:
    """Until nobody is being permitted who did not see the switch: they hold their ranges, and ask for it after."""
    with transaction.atomic():
        claimed = OutboxRange.objects.filter(state=OutboxRange.State.CLAIMED).order_by("pk")
        list(claimed.select_for_update().values_list("pk"))


def resume_everything() -> None:
    """Let everything go on."""
    PAUSED.set({})


def resume_after_cancelling(before: datetime) -> None:
    """Everything stays paused until what was owed before a moment is cancelled (`late_before`)."""
    PAUSED.set({**PAUSED.get(), "late_before": before.isoformat()})


def late_before() -> datetime | None:
    """The moment before which what is owed is being cancelled; None where nobody chose that."""
    before = paused().get("late_before")
    return datetime.fromisoformat(before) if before else None


def paused() -> dict[str, str]:
    """Since when (ISO 8601), by whom and why everything is paused; empty while it is not."""
    return PAUSED.get()


def paused_since() -> datetime | None:
    """Since when everything is paused; None while it is not."""
    since = paused().get("since")
    return datetime.fromisoformat(since) if since else None
