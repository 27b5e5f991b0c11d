"""What becomes of a text after Vibes took it: the history line, and the receipts that follow."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from people import activity
from people.activity import Happening, Kind
from people.models import Activity

from . import outbox, outcomes
from .gate import Reason
from .models import OutboxRow
from .outcomes import Meaning, Words

State = OutboxRow.State
Held = dict[uuid.UUID, OutboxRow]
"""Texts by their event id, locked until the transaction ends."""
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
NO_TEXT = "no text of ours"
NOT_UNDERSTOOD = "not understood"


class Effect(NamedTuple):
    """Where a text goes, and why. `bounce`: hard (the number will not do), soft (this time)."""

    state: State
    reason: str = ""
    bounce: str = ""


_EFFECTS = {
    Meaning.ACCEPTED: Effect(State.ACCEPTED),
    Meaning.DELIVERED: Effect(State.DELIVERED),
    Meaning.SOFT_BOUNCE: Effect(State.UNDELIVERED, Reason.UNDELIVERABLE, "soft"),
    Meaning.HARD_BOUNCE: Effect(State.UNDELIVERED, Reason.UNDELIVERABLE, "hard"),
    Meaning.NOT_MOBILE: Effect(State.UNDELIVERED, Reason.UNDELIVERABLE, "hard"),
    Meaning.NOT_A_MEMBER: Effect(State.SKIPPED, Reason.NOT_AT_VIBES),
    Meaning.NO_SENDER: Effect(State.REJECTED, Reason.NO_SENDER),
    Meaning.REFUSED: Effect(State.REJECTED, Reason.REFUSED),
}
# A receipt may only bring a text further along this line, so that their order does not matter. What
# stands in none of these states never left, or is not a text's: no receipt speaks of it.
_LINE = [State.ACCEPTED, State.SKIPPED, State.REJECTED, State.UNDELIVERED, State.DELIVERED]
_BEFORE = [State.SENDING, State.UNKNOWN]


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


def apply(
    *,
    event_id: uuid.UUID | str,
    kind: str,
    status: str,
    reason: str,
    now: datetime,
    words: Words | None = None,
    held: Held | None = None,
) -> str:
    """Apply one receipt to the text with this event id; say in words what that did.

    `kind`, `status` and `reason` are the callback's action, any case; `words` the table of what they
    mean, read now when it is not given; `held` what `lock` gave for this id among others. Repeats,
    disorder and lateness lead to the same end.
    """
    with transaction.atomic():
        held = lock([str(event_id)]) if held is None else held
        row = held.get(uuid.UUID(str(event_id)))
        if row is None:
            return NO_TEXT
        said = outcomes.said(kind, status, reason)
        meaning = (words or outcomes.table()).meaning(said)
        if meaning is None:
            return not_understood(said)
        if meaning == Meaning.NOTHING:
            return f"says nothing about the text: {said}"
        return _bring_to(row, _EFFECTS[meaning], reason, now)


def not_understood(said: outcomes.Said) -> str:
    """The outcome of a receipt whose words no row of the table knows."""
    return f"{NOT_UNDERSTOOD}: {said}"[:255]


def lock(event_ids: Iterable[str]) -> Held:
    """Lock the texts with these ids in the order in which whoever settles them locks them too.

    Call it inside the transaction that applies receipts: two of them must not wait for each other.
    What is no id of ours is passed over.
    """
    ids = {found for each in event_ids if (found := id_of(each))}
    texts = OutboxRow.objects.filter(event_id__in=ids, action=OutboxRow.Action.TEXT)
    rows = texts.select_related("vibes_list").select_for_update(of=("self",)).order_by("pk")
    return {row.event_id: row for row in rows}


def id_of(text: str) -> uuid.UUID | None:
    """Our event id as Vibes repeats it; None for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _bring_to(row: OutboxRow, effect: Effect, reason: str, now: datetime) -> str:
    if not _goes_further(row, effect.state):
        return f"nothing new: the text is {row.state}"
    is_new = row.state in _BEFORE or not _is_in_history(row)
    row.state, row.reason, row.detail = effect.state, effect.reason, _detail(effect, reason)
    row.settled_at, row.lease_until = now, None
    row.save(update_fields=["state", "detail", "reason", "settled_at", "lease_until"])
    if is_new and effect.state not in {State.SKIPPED, State.REJECTED}:
        record_accepted([row], now=now)
    _record(row, effect, reason, now)
    outbox.tell([row], now=now)
    return f"the text is {effect.state}"


def _goes_further(row: OutboxRow, state: State) -> bool:
    if row.state in _BEFORE:
        return True
    return row.state in _LINE and _LINE.index(State(row.state)) < _LINE.index(state)


def _is_in_history(row: OutboxRow) -> bool:
    lines = Activity.objects.filter(person_id=row.person_id, kind=SENT.word, run_id=row.run_id)
    return lines.filter(step_id=row.step_id, details__outbox_id=row.pk).exists()


def _detail(effect: Effect, reason: str) -> str:
    return f"{effect.bounce} bounce: {reason}"[:255] if effect.bounce else reason[:255]


def _record(row: OutboxRow, effect: Effect, reason: str, now: datetime) -> None:
    if effect.state == State.DELIVERED:
        activity.record(DELIVERED, [_line(row)], at=now)
    elif effect.state == State.UNDELIVERED:
        activity.record(BOUNCED, [_line(row, reason=reason, bounce=effect.bounce)], at=now)
