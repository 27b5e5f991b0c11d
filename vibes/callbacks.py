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

from django.db.models import QuerySet

from vibes.models import Account, Callback

Body = dict[str, Any]
MOST_BYTES = 64 * 1024


def account_of(token: str) -> Account | None:
    """The account that handed out this token, now or before its last rotation; takes as long for a wrong one."""
    found = None
    for account in Account.objects.order_by("pk"):
        tokens = [account.callback_token, account.previous_callback_token]
        if any([_same(token, each) for each in tokens]):
            found = account
    return found


def _same(told: str, kept: str) -> bool:
    return hmac.compare_digest(told.encode(), kept.encode()) and kept != ""


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
    """Callbacks that wait to be applied, oldest first."""
    return Callback.objects.filter(applied_at=None).order_by("pk")


def parse(raw: bytes | str) -> Body:
    """The body as an object; an empty one when it is anything else."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _identity(body: Body, raw: bytes) -> str:
    """Vibes' id of the callback (the outer one); else a hash without what differs between attempts."""
    told = body.get("event_id")
    if isinstance(told, str | int) and (clean := _clean(str(told), 120)) == str(told):
        return clean
    if body:
        same = {name: value for name, value in body.items() if name != "delivery_attempt"}
        raw = json.dumps(same, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _kind(body: Body) -> str:
    return _clean(str(body.get("callback_type") or body.get("event_type") or ""), 60)


def _clean(text: str, length: int) -> str:
    """What any database can keep of it: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:length]
