"""The ledger's verbs: written when a cohort advances, moved only as delivery settles (P2, P4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from people import bulk
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
    """Move the verdicts of rows that moved (settings.OUTBOX_LISTENERS): one statement for all."""
    if not moved:
        return
    bulk.update_rows(
        Verdict,
        match={
            "entry": [each.entry_id for each in moved],
            "step_id": [each.step_id for each in moved],
            "wave": [each.wave for each in moved],
        },
        each={
            "state": [state_of(each.state, action=each.action) for each in moved],
            "reason": [each.reason for each in moved],
            "detail": [each.detail for each in moved],
        },
        same={"at": now},
    )


def end_waiting(cohort_id: int, *, now: datetime) -> None:
    """The time has come for those who waited in a cohort: that step is done."""
    waiting = Verdict.objects.filter(entry__cohort=cohort_id, state=Verdict.State.WAITING)
    waiting.update(state=Verdict.State.DONE, at=now)


def words(verdict: Verdict) -> str:
    """Why, in plain words, with what is known of this very case."""
    return why(verdict.reason, verdict.detail)


def why(reason: str, detail: str) -> str:
    """The same of a reason and a detail that are in no verdict yet."""
    try:
        said = str(Reason(reason).label)
    except ValueError:  # the word of a step that is gone
        said = reason
    return f"{said}: {detail}" if detail else said
