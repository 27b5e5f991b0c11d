"""What becomes of a text after Vibes took it: the history line, and the receipts that follow."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from people import activity
from people.activity import Happening, Kind

from . import outbox
from .gate import Reason
from .models import OutboxRow

State = OutboxRow.State
SENT = activity.register(
    Kind(
        "send_sms",
        "Send SMS Message",
        "Was sent “{message}” on {vibes_list}: {text}",
        personal=("text",),
    )
)
DELIVERED = activity.register(
    Kind("sms_delivered", "SMS Message Delivered", "“{message}” was delivered")
)
BOUNCED = activity.register(
    Kind("sms_bounced", "SMS Message Bounced", "“{message}” was not delivered: {reason}")
)

# (type, status, a piece of the reason) of a receipt → where the row goes and why; the first that
# fits. Vibes documents few of these strings: what is not listed is kept in the callback and changes
# nothing. "duplicate" speaks of a second use of an id; the first text went out.
_OUTCOMES: list[tuple[str, str, str, State | None, str]] = [
    ("routing", "failed", "duplicate", None, ""),
    ("routing", "failed", "subscri", State.SKIPPED, Reason.NOT_AT_VIBES),
    ("routing", "failed", "person", State.SKIPPED, Reason.NOT_AT_VIBES),
    ("routing", "failed", "carrier", State.UNDELIVERED, Reason.UNDELIVERABLE),
    ("routing", "failed", "", State.REJECTED, Reason.REFUSED),
    ("routing", "processing", "", State.ACCEPTED, ""),
    ("sms", "queued", "", State.ACCEPTED, ""),
    ("carrier_dlr", "success", "", State.ACCEPTED, ""),
    ("carrier_dlr", "failed", "", State.UNDELIVERED, Reason.UNDELIVERABLE),
    ("handset_dlr", "success", "", State.DELIVERED, ""),
    ("handset_dlr", "failed", "", State.UNDELIVERED, Reason.UNDELIVERABLE),
]
# A receipt may only bring a row further: from these states to that one.
_FROM = {
    State.ACCEPTED: {State.SENDING, State.UNKNOWN},
    State.SKIPPED: {State.SENDING, State.UNKNOWN, State.ACCEPTED},
    State.REJECTED: {State.SENDING, State.UNKNOWN, State.ACCEPTED},
    State.UNDELIVERED: {State.SENDING, State.UNKNOWN, State.ACCEPTED},
    State.DELIVERED: {State.SENDING, State.UNKNOWN, State.ACCEPTED, State.UNDELIVERED},
}


def record_accepted(rows: Iterable[OutboxRow], *, now: datetime) -> None:
    """Write *Send SMS Message* for the texts among rows that have just been accepted."""
    texts = [row for row in rows if row.action == OutboxRow.Action.TEXT]
    activity.record(SENT, [_line(row) for row in texts], at=now)


def _line(row: OutboxRow, **more: Any) -> Happening:
    details = {
        "message": row.message_name,
        "vibes_list": row.vibes_list.name,
        "text": row.text,
        "parts": row.parts,
        "outbox_id": row.pk,
    }
    return Happening(
        row.person_id,
        details | more,
        campaign_id=row.campaign_id,
        run_id=row.run_id,
        step_id=row.step_id,
    )


def apply(*, event_id: uuid.UUID | str, kind: str, status: str, reason: str, now: datetime) -> str:
    """Apply one receipt to the text with this event id; say in words what that did.

    `kind`, `status` and `reason` are the callback's action, any case. Repeats, disorder and
    lateness lead to the same end.
    """
    state, why = _outcome(kind.lower(), status.lower(), reason.lower())
    if state is None:
        return f"not understood: {kind} {status} {reason}"[:255]
    with transaction.atomic():
        rows = OutboxRow.objects.select_for_update(of=("self",)).select_related("vibes_list")
        row = rows.filter(event_id=event_id).first()
        if row is None:
            return "no text of ours"
        return _bring_to(row, state, why, reason, now)


def lock(event_ids: Iterable[str]) -> None:
    """Lock the texts with these ids in the order in which whoever settles them locks them too.

    Call it inside the transaction that applies several receipts: two of them must not wait for
    each other. What is no id of ours is passed over.
    """
    ids = [found for each in event_ids if (found := _uuid(each))]
    rows = OutboxRow.objects.filter(event_id__in=ids).order_by("pk")
    list(rows.select_for_update().values_list("pk"))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _outcome(kind: str, status: str, reason: str) -> tuple[State | None, str]:
    for a_kind, a_status, piece, state, why in _OUTCOMES:
        if (kind, status) == (a_kind, a_status) and piece in reason:
            return state, why
    return None, ""


def _bring_to(row: OutboxRow, state: State, why: str, reason: str, now: datetime) -> str:
    if row.state not in _FROM[state]:
        return f"nothing new: the text is {row.state}"
    accepted_before = row.state in {State.ACCEPTED, State.UNDELIVERED}
    row.state, row.detail, row.settled_at, row.lease_until = state, reason[:255], now, None
    row.reason = why
    row.save(update_fields=["state", "detail", "reason", "settled_at", "lease_until"])
    if not accepted_before and state not in {State.SKIPPED, State.REJECTED}:
        record_accepted([row], now=now)
    _record(row, reason, now)
    outbox.tell([row], now=now)
    return f"the text is {state}"


def _record(row: OutboxRow, reason: str, now: datetime) -> None:
    if row.state == State.DELIVERED:
        activity.record(DELIVERED, [_line(row)], at=now)
    elif row.state == State.UNDELIVERED:
        activity.record(BOUNCED, [_line(row, reason=reason)], at=now)
