"""What Vibes told us, applied: in any order, any number of times, by any number of workers.

Callbacks are unsigned, so they may only take permission away: an opt-out holds at once, an opt-in
only after Vibes, asked by us, has said the same. `vibes.intake` has kept them.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, F, Q, QuerySet, When

from people.crashpoint import crashpoint
from vibes import consequences, intake, lessons, outcomes, receipts
from vibes.client import LoginRefused, Refused, Retryable, Unknown
from vibes.consequences import NotYet, Told
from vibes.facts import Fact, Receipt, read
from vibes.models import Account, Callback
from vibes.outcomes import Words
from vibes.receipts import Batch

log = structlog.get_logger(__name__)
RECEIPT = intake.RECEIPT
BROKEN = "could not be applied"
ASKS = "waits for an answer of Vibes"
# Decrypted only where Vibes is asked.
SECRETS = ("password", "client_certificate", "callback_token", "previous_callback_token")
# Receipts in one transaction; fewer where nobody else can write meanwhile.
TOGETHER, TOGETHER_ALONE = 200, 50


def to_apply() -> QuerySet[Callback]:
    """Callbacks that wait: first every no, then what else people decided, then what carriers say.

    Among each, those never tried before those that had to wait, and the oldest first. Left out is
    what a sync must come before.
    """
    urgency = Case(When(kind=RECEIPT, then=2), When(intake.IS_NO, then=0), default=1)
    tried = Case(When(outcome="", then=0), default=1)
    unsynced = Q(account__synced_at=None) | Q(account__synced_at__lte=F("received_at"))
    too_early = Q(outcome__startswith=NotYet.WORDS) & unsynced
    waiting = Callback.objects.filter(applied_at=None).exclude(too_early)
    return waiting.order_by(urgency, tried, "pk")


def noes() -> QuerySet[Callback]:
    """Every STOP, and every other no. None of them may wait for an answer to something else."""
    return to_apply().filter(intake.IS_NO)


def to_ask() -> QuerySet[Callback]:
    """Of what Vibes may have to be asked: every yes, and receipts that were put aside for it."""
    return to_apply().exclude(intake.IS_NO).exclude(kind=RECEIPT, outcome="")


def is_in_vain(callback_id: int) -> bool:
    """Whether Vibes was asked for the same account and did not answer: `to_ask` has all that waits for it."""
    tried = to_ask().exclude(kind=RECEIPT).exclude(outcome="").exclude(outcome__startswith=BROKEN)
    stuck = tried.exclude(outcome__startswith=NotYet.WORDS).values("account")
    return Callback.objects.filter(pk=callback_id, account__in=stuck).exists()


def apply(callback_id: int, now: datetime, *, words: Words | None = None) -> str:
    """Apply one callback; returns in words what it did, or '' when it has to wait.

    Twice is as good as once, and so is at the same time in two processes.
    """
    callback = Callback.objects.get(pk=callback_id)
    if callback.applied_at is not None:
        return callback.outcome
    callback.account = Account.objects.defer(*SECRETS).get(pk=callback.account_id)
    words = words or (outcomes.table() if callback.kind == RECEIPT else Words([]))
    fact, by = _read(callback), consequences.told(callback, now, words)
    apply_it = _ask if consequences.asks_vibes(fact, by) else _once
    crashpoint("before-callback")
    try:
        return apply_it(callback, fact, by)
    except (NotYet, Retryable, Unknown, LoginRefused) as waits:
        return _keep_waiting(callback, str(waits))
    except (OperationalError, InterfaceError):
        raise  # the database, not the callback
    except Exception as error:
        log.exception("a callback could not be applied", callback=callback_id)
        outcome = f"{BROKEN}: {type(error).__name__}"
        if callback.kind != RECEIPT:  # it may be a STOP: kept and tried again, never set aside
            return _keep_waiting(callback, outcome)
        return _settle(callback, outcome, now)


def _ask(callback: Callback, fact: Fact | None, by: Told) -> str:
    """What asks Vibes does so outside any transaction, and may do it twice."""
    try:
        outcome = consequences.follow(fact, by)
    except LoginRefused:
        raise
    except Refused as refused:
        outcome = f"Vibes refused to confirm it: {refused}"
    return _settle(callback, outcome, by.now)


def _once(callback: Callback, fact: Fact | None, by: Told) -> str:
    """What asks nobody happens once, whoever else applies it at the same time."""
    with transaction.atomic():
        mine = Callback.objects.select_for_update(of=("self",)).get(pk=callback.pk)
        if mine.applied_at is not None:
            return mine.outcome
        return _settle(callback, consequences.follow(fact, by), by.now)


def _settle(callback: Callback, outcome: str, now: datetime) -> str:
    outcome = outcome[:255]
    _waiting(callback).update(applied_at=now, outcome=outcome)
    return outcome


def _keep_waiting(callback: Callback, why: str) -> str:
    if callback.outcome != why[:255]:
        log.info("a callback waits", callback=callback.pk, why=why)
        _waiting(callback).update(outcome=why[:255])
    return ""


def _waiting(callback: Callback) -> QuerySet[Callback]:
    return Callback.objects.filter(pk=callback.pk, applied_at=None)


def _read(callback: Callback) -> Fact | None:
    return read(intake.parse(callback.body), received_at=callback.received_at)


# --- Receipts, in bulk ----------------------------------------------------------------------------


def apply_receipts(now: datetime, *, limit: int | None = None) -> int:
    """Apply the next receipts, all in one transaction; returns how many were looked at.

    One commit for many, and a few statements: three or four come for every text that leaves.
    Those that have to ask Vibes are put aside: `to_apply` has them. Where one of them does not let
    the others be applied, each is applied by itself.
    """
    limit = limit or (TOGETHER_ALONE if one_writer() else TOGETHER)
    waiting = Callback.objects.filter(kind=RECEIPT, applied_at=None, outcome="").order_by("pk")
    try:
        return _apply_together(waiting, now, limit)
    except (OperationalError, InterfaceError):
        raise  # the database, not the receipts
    except Exception:
        log.exception("receipts could not be applied together")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    for callback_id in ids:
        apply(callback_id, now)
    return len(ids)


def one_writer() -> bool:
    """Whether all others wait while somebody writes (SQLite): whoever has much to write makes gaps."""
    return not connection.features.has_select_for_update


def _apply_together(waiting: QuerySet[Callback], now: datetime, limit: int) -> int:
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        taken = list(waiting.select_for_update(skip_locked=skip)[:limit])
        facts, words = [_read(each) for each in taken], outcomes.table()
        ids = [each.event_id for each in facts if isinstance(each, Receipt)]
        lessons.lock(consequences.texts_of_barred_numbers(facts, words))
        batch = Batch(ids, words)
        here = Account.objects.defer(*SECRETS)
        accounts = here.in_bulk({each.account_id for each in taken})
        alike = defaultdict(list)
        for callback, fact in zip(taken, facts, strict=True):
            callback.account = accounts[callback.account_id]
            alike[_outcome(callback, fact, batch, now)].append(callback.pk)
        batch.write(now)
        for outcome, pks in alike.items():
            done_at = None if outcome == ASKS else now
            Callback.objects.filter(pk__in=pks).update(applied_at=done_at, outcome=outcome)
    return len(taken)


def _outcome(callback: Callback, fact: Fact | None, batch: Batch, now: datetime) -> str:
    by = consequences.told(callback, now, batch.words, batch)
    return ASKS if consequences.asks_vibes(fact, by) else consequences.follow(fact, by)[:255]


def try_again(*, limit: int = 500) -> int:
    """Let some receipts wait anew whose words the table has learnt since; returns how many.

    Once none is left of them, their words no longer count as not understood.
    """
    for row in outcomes.understood_now():
        outcome = receipts.not_understood(outcomes.words_of(row))
        same = Callback.objects.filter(account=row.account_id, outcome=outcome).order_by("pk")
        ids = list(same.values_list("pk", flat=True)[:limit])
        if ids:
            return Callback.objects.filter(pk__in=ids).update(applied_at=None, outcome="")
        row.delete()
    return 0
