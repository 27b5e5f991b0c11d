"""What Vibes tells us, kept as it came: whose address it came to, and the raw body, once.

Nothing here judges or acts. It is all that happens before Vibes has its answer, so it is short: one
look into a list of tokens in memory, one INSERT.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from people.crashpoint import crashpoint
from vibes import together
from vibes.models import Account, Callback
from vibes.storable import clean

Body = dict[str, Any]
MOST_BYTES = 64 * 1024
MOST_DEEP = 32
ID_KEPT = 48  # of an id used twice: with a blank and a hash it fills 120 signs
CUT = "longer than 64 KB: the beginning is kept, nothing was applied"
TOO_DEEP = f"nested deeper than {MOST_DEEP}: kept, nothing was applied"
RECEIPT = "event_processed"
# Every no has one of these words in it. It must not wait behind a yes, about which Vibes is asked. Only
# the body tells an opt-in that somebody rejected from the others.
LEFT, REJECTED = '"subscription_removed"', '"rejected"'
IS_NO = (Q(body__icontains=LEFT) | Q(body__icontains=REJECTED)) & ~Q(kind=RECEIPT)
# How long a token that was taken away may still open the door. A new one opens it at once.
TOKENS_LAST = 1.0


class Kept(NamedTuple):
    """What became of a callback. `callback_id` is None for one that we had already."""

    callback_id: int | None
    kind: str
    waits: bool
    is_no: bool


# --- Whose it is ----------------------------------------------------------------------------------


class Door(NamedTuple):
    """A token, now or before its last rotation, and the account whose callbacks come under it."""

    token: bytes
    account_id: int


_doors: list[Door] = []
_read_at = float("-inf")


def account_of(token: str) -> int | None:
    """The account whose address holds this token; None when nobody's does.

    Tokens are remembered for a second, since reading one means decrypting it. What is not among
    those is looked for in the database: no right token is ever called wrong.
    """
    told = token.encode("utf-8", "surrogatepass")
    fresh = _doors if monotonic() - _read_at < TOKENS_LAST else _read_doors()
    found = _whose(told, fresh)
    return found if found is not None else _whose(told, _read_doors())


def forget_tokens() -> None:
    """Read the tokens anew at the next callback."""
    global _read_at  # noqa: PLW0603  # one list a process
    _read_at = float("-inf")


def _whose(told: bytes, doors: list[Door]) -> int | None:
    """As slow for a wrong token as for a right one: each is compared, whole."""
    found = None
    for door in doors:
        found = door.account_id if hmac.compare_digest(told, door.token) else found
    return found


def _read_doors() -> list[Door]:
    global _doors, _read_at  # noqa: PLW0603
    kept = Account.objects.order_by("pk")
    rows = kept.values_list("pk", "callback_token", "previous_callback_token")
    _doors = [Door(each.encode(), pk) for pk, *tokens in rows for each in tokens if each]
    _read_at = monotonic()
    return _doors


# --- Kept raw -------------------------------------------------------------------------------------


def store(account_id: int, raw: bytes, now: datetime, *, cut: bool = False) -> Kept:
    """Keep a callback as it came; the same one again changes nothing.

    Another one with the id of one we have is kept too: a STOP is not lost for an id used twice.
    `cut`: the body was longer, and the rest was thrown away. Such a one, and one nested too deep to
    be read safely, is evidence only: it counts as applied.
    """
    text = _text(raw)
    body = {} if cut else _parsed(text)
    odd = CUT if cut else TOO_DEEP if too_deep(body) else ""
    body = {} if odd else body
    at = connection.ops.adapt_datetimefield_value(now)
    kind = _kind(body)
    event_id = identity(body, raw)
    rest = (kind, text, at, at if odd else None, odd)
    made = together.insert((account_id, event_id, *rest))
    if made is None and not _is_kept(account_id, event_id, body):
        made = together.insert((account_id, f"{event_id[:ID_KEPT]} {_hash(body)}", *rest))
    crashpoint("callback-kept")
    return Kept(made, kind, waits=not odd, is_no=_is_no(kind, text))


def _is_no(kind: str, text: str) -> bool:
    """As IS_NO says of those we keep."""
    return kind != RECEIPT and (LEFT in text.lower() or REJECTED in text.lower())


def _is_kept(account_id: int, event_id: str, body: Body) -> bool:
    """Whether what we keep under this id says the same; every attempt to deliver it does."""
    same = Callback.objects.filter(account=account_id, event_id=event_id)
    kept = same.values_list("body", flat=True).first()
    return not body or kept is None or _hash(_parsed(kept)) == _hash(body)


def parse(text: str) -> Body:
    """The body as an object; an empty one when it is anything else, or nested too deep."""
    body = _parsed(text)
    return {} if too_deep(body) else body


def too_deep(body: Body) -> bool:
    """Whether objects and arrays lie in each other more than MOST_DEEP times."""
    level: list[Any] = [body]
    for _ in range(MOST_DEEP):
        level = [each for one in level for each in _inside(one) if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


def _parsed(text: str) -> Body:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _text(raw: bytes) -> str:
    """What any database can keep: UTF-8 as JSON has it, or UTF-16 and 32, and no NUL."""
    text = raw.decode(json.detect_encoding(raw), "replace")
    return text.removeprefix("\ufeff").replace("\0", "\ufffd")


def identity(body: Body, raw: bytes) -> str:
    """Vibes' id of the callback (the outer one); else a hash of what no attempt changes."""
    told = body.get("event_id")
    if isinstance(told, str) and told and clean(told)[:120] == told:
        return told
    return _hash(body) if body else f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _hash(body: Body) -> str:
    same = {name: value for name, value in body.items() if name != "delivery_attempt"}
    raw = json.dumps(same, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _kind(body: Body) -> str:
    """`callback_type`, or its older twin."""
    told = body.get("callback_type") or body.get("event_type")
    return clean(told)[:60] if isinstance(told, str) else ""
