"""What becomes of a text after Vibes took it: the history line, and the receipts that follow."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from people import activity
from people.activity import Happening, Kind

from . import outbox, outcomes
from .gate import Reason
from .models import OutboxRow
from .outcomes import Heard, Meaning, Said, Words

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
    Kind(
        "sms_delivered",
        "SMS Message Delivered",
        "“{message}” was delivered",
        personal=("text",),
    )
)
BOUNCED = activity.register(
    Kind(
        "sms_bounced",
        "SMS Message Bounced",
        "“{message}” was not delivered: {reason}",
        personal=("text", "reason"),
    )
)
NO_TEXT = "no text of ours"
NOT_UNDERSTOOD = "not understood"
PLAIN = re.compile(r"[\w.-]+ [\w.-]+")


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
        **({"message_id": row.message_id} if row.message_id else {}),
        "vibes_list": row.vibes_list.name,
        "vibes_list_id": row.vibes_list_id,
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
    event_id: str,
    kind: str,
    status: str,
    reason: str,
    *,
    now: datetime,
    words: Words | None = None,
    heard: Heard | None = None,
) -> str:
    """Apply one receipt by itself, as a batch of one; say in words what that did.

    Without `words` the table is read.
    """
    with transaction.atomic():
        batch = Batch([event_id], words or outcomes.table())
        outcome = batch.apply(event_id, kind, status, reason, heard=heard)
        batch.write(now)
    return outcome


def not_understood(said: Said) -> str:
    """The outcome of a receipt whose words no row of the table knows: another one for other words.

    By it those receipts are found again once the table knows these words, and no others with them.
    """
    words = f"{NOT_UNDERSTOOD}: {said}"
    if PLAIN.fullmatch(f"{said.type} {said.status}") and len(words) <= 255:
        return words
    mark = hashlib.sha256(repr(tuple(said)).encode()).hexdigest()[:12]
    return f"{words[:240]} #{mark}"


class Batch:
    """Receipts applied together: judged one after the other, then written in a few statements.

    Use it inside one transaction. The texts with these ids are locked, in the order in which whoever
    settles them locks them too: two of them must not wait for each other. What is no id of ours is
    passed over. `words` says what receipts mean.
    """

    def __init__(self, event_ids: Iterable[str], words: Words) -> None:
        ids = {found for each in event_ids if (found := id_of(each))}
        texts = OutboxRow.objects.filter(event_id__in=ids, action=OutboxRow.Action.TEXT)
        rows = texts.select_related("vibes_list").select_for_update(of=("self",)).order_by("pk")
        self.held = {row.event_id: row for row in rows}
        self.words = words
        self._moved: dict[int, OutboxRow] = {}
        self._unknown: defaultdict[tuple[int, Said], list[int]] = defaultdict(list)
        self._lines: dict[Kind, list[Happening]] = {SENT: [], BOUNCED: [], DELIVERED: []}

    def apply(
        self, event_id: str, kind: str, status: str, reason: str, *, heard: Heard | None = None
    ) -> str:
        """Judge one receipt; say in words what it does.

        `kind`, `status` and `reason` are the callback's action, any case. Repeats, disorder and
        lateness lead to the same end. Words nobody understands are counted where they were `heard`.
        """
        found = id_of(event_id)
        row = self.held.get(found) if found else None
        if row is None:
            return NO_TEXT
        said = outcomes.said(kind, status, reason)
        meaning = self.words.meaning(said)
        if meaning is None:
            if heard:
                self._unknown[heard.account_id, said].append(heard.callback_id)
            return not_understood(said)
        if meaning == Meaning.NOTHING:
            return f"says nothing about the text: {said}"
        return self._bring_to(row, _EFFECTS[meaning], reason)

    def write(self, now: datetime) -> None:
        """Write what was judged: texts, history, whoever follows them, and words not understood."""
        alike = defaultdict(list)
        for row in self._moved.values():
            alike[(row.state, row.reason, row.detail)].append(row.pk)
        for (state, reason, detail), pks in alike.items():
            OutboxRow.objects.filter(pk__in=pks).update(
                state=state, reason=reason, detail=detail, settled_at=now
            )
        for kind, lines in self._lines.items():
            activity.record(kind, lines, at=now)
        outbox.tell(self._moved.values(), now=now)
        outcomes.count(self._unknown, now=now)

    def _bring_to(self, row: OutboxRow, effect: Effect, reason: str) -> str:
        if not _goes_further(row, effect.state):
            return f"nothing new: the text is {row.state}"
        if row.state in _BEFORE:  # any receipt proves that Vibes took it
            self._lines[SENT].append(_line(row))
        row.state, row.reason, row.detail = effect.state, effect.reason, _detail(effect, reason)
        if effect.state == State.DELIVERED:
            self._lines[DELIVERED].append(_line(row))
        elif effect.state == State.UNDELIVERED:
            self._lines[BOUNCED].append(_line(row, reason=reason, bounce=effect.bounce))
        self._moved[row.pk] = row
        return f"the text is {effect.state}"


def id_of(text: str) -> uuid.UUID | None:
    """Our event id as Vibes repeats it; None for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _goes_further(row: OutboxRow, state: State) -> bool:
    if row.state in _BEFORE:
        return True
    return row.state in _LINE and _LINE.index(State(row.state)) < _LINE.index(state)


def _detail(effect: Effect, reason: str) -> str:
    return f"{effect.bounce} bounce: {reason}"[:255] if effect.bounce else reason[:255]
