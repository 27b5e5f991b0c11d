"""What a receipt teaches beyond its text: about the number, its membership, or our sender."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import structlog

from vibes import consent, evidence, numbers
from vibes.consent import Cause
from vibes.models import Account, EventOutcome, Number, OutboxRow, VibesList

log = structlog.get_logger(__name__)
Meaning = EventOutcome.Meaning
TEACHES = {Meaning.NOT_MOBILE, Meaning.NOT_A_MEMBER, Meaning.NO_SENDER}


def asks_vibes(meaning: Meaning | None) -> bool:
    """Whether the lesson of such a receipt can only be learnt from Vibes."""
    return meaning == Meaning.NOT_A_MEMBER


def lock(event_ids: Iterable[UUID]) -> None:
    """Lock the numbers that these texts went to, in the order in which everybody locks them.

    Call it before the texts themselves are locked, as sending does: two must not wait for each other.
    """
    if ids := list(event_ids):
        texts = OutboxRow.objects.filter(event_id__in=ids, mobile__startswith="+")
        numbers.lock_all(texts.values_list("mobile", flat=True))


def learn(
    event_id: UUID,
    meaning: Meaning,
    reason: str,
    *,
    told_at: datetime,
    now: datetime,
    cause: Cause,
) -> None:
    """Learn it, any number of times. Raises what the client raises where Vibes has to be asked.

    `told_at` is when the receipt came: its words may be understood much later.
    """
    row = OutboxRow.objects.select_related("vibes_list__account").filter(event_id=event_id).first()
    if row is None:
        return
    if meaning == Meaning.NO_SENDER:
        _doubt_sender(row.vibes_list, reason, now)
    elif not row.mobile.startswith("+"):
        return  # a pseudonym: whoever had the number was erased
    elif meaning == Meaning.NOT_MOBILE:
        line = Number.Line.LANDLINE
        numbers.set_line(
            row.mobile, line, source=consent.TOLD, told_at=told_at, now=now, cause=cause
        )
    elif meaning == Meaning.NOT_A_MEMBER:
        at, asked = row.sending_at or now, consent.ASKED
        evidence.settle(row.mobile, row.vibes_list, told_at=at, source=asked, now=now, cause=cause)


def _doubt_sender(vibes_list: VibesList, reason: str, now: datetime) -> None:
    """Nothing more is sent to the list until a sync has looked at its sender; it comes soon."""
    fault = f"Vibes found no sender for our texts: {reason}"[:255]
    if VibesList.objects.filter(pk=vibes_list.pk, sender_fault="").update(sender_fault=fault):
        log.error("vibes has no sender for a list", vibes_list=vibes_list.pk, why=reason)
        Account.objects.filter(pk=vibes_list.account_id, sync_wanted_at=None).update(
            sync_wanted_at=now
        )
