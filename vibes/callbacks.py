"""What Vibes tells us: stored raw and answered, then applied, in any order and any number of times.

Callbacks are unsigned, so they may only take permission away: an opt-out holds at once, an opt-in
only after Vibes, asked by us, has said the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, Q, QuerySet, When

from vibes import consequences, receipts
from vibes.client import LoginRefused, Refused, Retryable, Unknown
from vibes.facts import Fact, Receipt, read
from vibes.models import Account, Callback

log = structlog.get_logger(__name__)
Body = dict[str, Any]
MOST_BYTES = 64 * 1024
RECEIPT = "event_processed"


def account_of(token: str) -> Account | None:
    """Whose token this is, now or before its last rotation; as slow for a wrong one."""
    found = None
    for account in Account.objects.order_by("pk"):
        tokens = [account.callback_token, account.previous_callback_token]
        matches = [_same(token, each) for each in tokens if each]
        found = account if any(matches) else found
    return found


def _same(told: str, kept: str) -> bool:
    return hmac.compare_digest(told.encode(), kept.encode())


# --- Stored raw ---------------------------------------------------------------------------------


def store(account: Account, raw: bytes, now: datetime) -> Callback:
    """Keep a callback as it came; the same one again is the row we have."""
    body = parse(raw)
    text = raw.decode("utf-8", "replace").replace("\0", "�")
    callback, _ = Callback.objects.get_or_create(
        account=account,
        event_id=_identity(body, raw),
        defaults={"kind": _kind(body), "body": text, "received_at": now},
    )
    return callback


def to_apply() -> QuerySet[Callback]:
    """Callbacks that wait: first every no, then what else people decided, then what carriers say.

    The oldest first among each. Only the body tells an opt-in somebody rejected from the others.
    """
    is_no = Q(kind="subscription_removed") | Q(body__icontains='"rejected"')
    urgency = Case(When(kind=RECEIPT, then=2), When(is_no, then=0), default=1)
    return Callback.objects.filter(applied_at=None).order_by(urgency, "pk")


def is_receipt(callback: Callback) -> bool:
    """Whether it only reports on a text: many come for each text, and none of them is urgent."""
    return callback.kind == RECEIPT


def parse(raw: bytes | str) -> Body:
    """The body as an object; an empty one when it is anything else."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _identity(body: Body, raw: bytes) -> str:
    """Vibes' id of the callback (the outer one); else a hash of what no attempt changes."""
    told = body.get("event_id")
    if isinstance(told, str) and told and _clean(told, 120) == told:
        return told
    if body:
        same = {name: value for name, value in body.items() if name != "delivery_attempt"}
        raw = json.dumps(same, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _kind(body: Body) -> str:
    return _clean(str(body.get("callback_type") or body.get("event_type") or ""), 60)


def _clean(text: str, length: int) -> str:
    """What any database can keep of it: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:length]


# --- Applied ------------------------------------------------------------------------------------


def apply(callback_id: int, now: datetime) -> str:
    """Apply one callback; returns in words what it did, or '' when it has to wait for Vibes.

    Twice is as good as once, and so is at the same time in two processes.
    """
    callback = Callback.objects.select_related("account").get(pk=callback_id)
    if callback.applied_at is not None:
        return callback.outcome
    try:
        outcome = consequences.follow(_read(callback), callback.account, now)
    except (Retryable, Unknown, LoginRefused) as fault:
        log.info("callback waits for vibes", callback=callback_id, why=str(fault))
        return ""
    except Refused as refused:
        outcome = f"Vibes refused to confirm it: {refused}"
    except (OperationalError, InterfaceError):
        raise  # the database, not the callback
    except Exception as error:
        log.exception("a callback could not be applied", callback=callback_id)
        outcome = f"could not be applied: {type(error).__name__}"
        if not is_receipt(callback):  # it may be a STOP: kept and tried again, never set aside
            Callback.objects.filter(pk=callback_id, applied_at=None).update(outcome=outcome)
            return ""
    waiting = Callback.objects.filter(pk=callback_id, applied_at=None)
    waiting.update(applied_at=now, outcome=outcome[:255])
    return outcome[:255]


def apply_receipts(now: datetime, *, limit: int = 200) -> int:
    """Apply waiting receipts that need no question to Vibes, all in one transaction; say how many.

    One commit for 200 of them: three or four come for every text that leaves.
    """
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        waiting = Callback.objects.filter(kind=RECEIPT, applied_at=None).order_by("pk")
        locked = waiting.select_related("account").select_for_update(skip_locked=skip, of=("self",))
        taken = [(each, _read(each)) for each in locked[:limit]]
        receipts.lock(fact.event_id for _, fact in taken if isinstance(fact, Receipt))
        done = [each for each, fact in taken if _apply_receipt(each, fact, now)]
        Callback.objects.bulk_update(done, ["applied_at", "outcome"])
    return len(done)


def _apply_receipt(callback: Callback, fact: Fact | None, now: datetime) -> bool:
    if consequences.asks_vibes(fact):
        return False
    callback.outcome = _followed(callback, fact, now)[:255]
    callback.applied_at = now
    return True


def _read(callback: Callback) -> Fact | None:
    return read(parse(callback.body), received_at=callback.received_at)


def _followed(callback: Callback, fact: Fact | None, now: datetime) -> str:
    """What it did, in words. One that cannot be applied is set aside and does not hold up the others."""
    try:
        with transaction.atomic():
            return consequences.follow(fact, callback.account, now)
    except (OperationalError, InterfaceError):
        raise  # the database, not the callback
    except Exception as error:
        log.exception("a callback could not be applied", callback=callback.pk)
        return f"could not be applied: {type(error).__name__}"
