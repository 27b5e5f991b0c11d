"""The ledger's verbs: written when a cohort advances, moved only as delivery settles (P2, P4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from vibes.gate import Reason
from vibes.models import OutboxRow
from vibes.outbox import Moved

from .models import Verdict

_WHERE = {
    OutboxRow.State.READY: Verdict.State.QUEUED,
    OutboxRow.State.SENDING: Verdict.State.QUEUED,
    OutboxRow.State.DEFERRED: Verdict.State.DEFERRED,
    OutboxRow.State.ACCEPTED: Verdict.State.SENT,
    OutboxRow.State.DELIVERED: Verdict.State.SENT,
    OutboxRow.State.UNDELIVERED: Verdict.State.SENT,
    OutboxRow.State.REJECTED: Verdict.State.FAILED,
    OutboxRow.State.SKIPPED: Verdict.State.SKIPPED,
    OutboxRow.State.UNKNOWN: Verdict.State.UNKNOWN,
    OutboxRow.State.CANCELLED: Verdict.State.CANCELLED,
}


def state_of(state: str, *, action: str) -> Verdict.State:
    """The verdict that belongs to an outbox row: a text taken is sent, any other call is done."""
    verdict = _WHERE[OutboxRow.State(state)]
    if verdict == Verdict.State.SENT and action != OutboxRow.Action.TEXT:
        return Verdict.State.DONE
    return verdict


def follow_outbox(moved: Sequence[Moved], now: datetime) -> None:
    """Move the verdicts of rows that moved (settings.OUTBOX_LISTENERS); one statement per outcome."""
    alike = defaultdict(list)
    for each in moved:
        state = state_of(each.state, action=each.action)
        alike[(each.step_id, each.wave, state, each.reason, each.detail)].append(each.entry_id)
    for (step_id, wave, state, reason, detail), entries in alike.items():
        Verdict.objects.filter(entry__in=entries, step_id=step_id, wave=wave).update(
            state=state, reason=reason, detail=detail, at=now
        )


def words(verdict: Verdict) -> str:
    """Why, in plain words, with what is known of this very case."""
    why = str(Reason(verdict.reason).label) if verdict.reason in Reason.values else verdict.reason
    return f"{why}: {verdict.detail}" if verdict.detail else why
