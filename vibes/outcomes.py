"""What the words in a receipt mean, by a table that operators may edit; and those it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import F

from people.mobile import NUMBER
from vibes.models import EventOutcome, UnrecognisedReceipt

Meaning = EventOutcome.Meaning

# Written when the table is empty. Vibes documents the first of these and names the other cases
# without their strings (its page on event-triggered callbacks): the pieces are the words such a string must hold.
# "duplicate" speaks of a second use of an id; the first text went out.
DEFAULTS: list[tuple[str, str, str, Meaning]] = [
    ("routing", "processing", "", Meaning.ACCEPTED),
    ("routing", "failed", "duplicate", Meaning.NOTHING),
    ("routing", "failed", "route", Meaning.NO_SENDER),
    ("routing", "failed", "subscri", Meaning.NOT_A_MEMBER),
    ("routing", "failed", "associated_list", Meaning.NOT_A_MEMBER),
    ("routing", "failed", "person", Meaning.NOT_A_MEMBER),
    ("routing", "failed", "carrier", Meaning.NOT_MOBILE),
    ("routing", "failed", "", Meaning.REFUSED),
    ("sms", "queued", "", Meaning.ACCEPTED),
    ("sms", "failed", "", Meaning.REFUSED),
    ("carrier_dlr", "success", "", Meaning.ACCEPTED),
    ("carrier_dlr", "failed", "reject", Meaning.HARD_BOUNCE),
    ("carrier_dlr", "failed", "", Meaning.SOFT_BOUNCE),
    ("handset_dlr", "success", "", Meaning.DELIVERED),
    ("handset_dlr", "failed", "", Meaning.SOFT_BOUNCE),
]
STEP = 10  # between two positions, so that a row fits in


class Said(NamedTuple):
    """The words of a receipt as they are compared: lower case, cut to size, no number in them."""

    type: str
    status: str
    reason: str

    def __str__(self) -> str:
        return " ".join(each for each in self if each)


def said(kind: str, status: str, reason: str) -> Said:
    """The words of a callback's action, as it wrote them, in the form in which they are compared."""
    plain = NUMBER.sub("…", reason.lower()).strip()
    return Said(kind.lower().strip()[:40], status.lower().strip()[:40], plain[:160].strip())


class Words:
    """The table as it stood when it was read: read it once for many receipts."""

    def __init__(self, rows: Iterable[EventOutcome]) -> None:
        self._rows = list(rows)

    def meaning(self, of: Said) -> Meaning | None:
        """What these words mean; None when no row knows them."""
        for row in self._rows:
            if (row.type.lower(), row.status.lower()) == of[:2] and row.piece.lower() in of.reason:
                return Meaning(row.meaning)
        return None


def table() -> Words:
    """The table, with the defaults written first where it is empty."""
    rows = list(EventOutcome.objects.all())
    if not rows:
        EventOutcome.objects.bulk_create(_defaults(), ignore_conflicts=True)
        rows = list(EventOutcome.objects.all())
    return Words(rows)


def _defaults() -> list[EventOutcome]:
    return [
        EventOutcome(position=STEP * place, type=kind, status=status, piece=piece, meaning=meaning)
        for place, (kind, status, piece, meaning) in enumerate(DEFAULTS, 1)
    ]


# --- What no row knows ----------------------------------------------------------------------------


class Heard(NamedTuple):
    """The callback that some words came in, and whose it is."""

    account_id: int
    callback_id: int


Unknown = Mapping[tuple[int, Said], Sequence[int]]
"""Words nobody understood, by account: the callbacks they came in."""


def count(unknown: Unknown, *, now: datetime) -> None:
    """Count them, once for all that came together. Safe in several processes at once.

    In order, so that two of them cannot wait for each other.
    """
    for account_id, words in sorted(unknown):
        callbacks = unknown[account_id, words]
        same = UnrecognisedReceipt.objects.filter(account_id=account_id, **words._asdict())
        more = {"count": F("count") + len(callbacks), "last_callback_id": callbacks[-1]}
        if not same.update(last_at=now, **more):
            row = UnrecognisedReceipt(
                account_id=account_id, **words._asdict(), first_at=now, last_at=now
            )
            UnrecognisedReceipt.objects.bulk_create([row], ignore_conflicts=True)
            same.update(last_at=now, **more)


def understood_now() -> list[UnrecognisedReceipt]:
    """Words that were not understood when they came, and that the table knows by now."""
    waiting = list(UnrecognisedReceipt.objects.order_by("pk"))
    words = table() if waiting else Words([])
    return [each for each in waiting if words.meaning(words_of(each)) is not None]


def words_of(row: UnrecognisedReceipt) -> Said:
    return Said(row.type, row.status, row.reason)
