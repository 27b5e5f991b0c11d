"""A number as a keyed hash: the same number, the same word; from the word nobody finds the number.

It fits where a number stood (16 characters) and cannot be taken for one: it begins with “#”.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from people.models import HashKey

MARK = "#"
ONLY = 1


def of_all(mobiles: Iterable[str]) -> dict[str, str]:
    """Each number's word, by number. One query; the secret is made when it is first needed."""
    wanted = [each for each in mobiles if each]
    secret = _secret() if wanted else b""
    return {each: _word(secret, each) for each in wanted}


def _word(secret: bytes, mobile: str) -> str:
    digest = hmac.new(secret, mobile.encode(), hashlib.sha256).digest()
    return MARK + base64.b32encode(digest).decode().lower()[:15]  # 75 bits: no two numbers meet


def _secret() -> bytes:
    found = HashKey.objects.filter(pk=ONLY).first()
    if found is None:
        HashKey.objects.bulk_create(
            [HashKey(pk=ONLY, secret=secrets.token_hex(32))], ignore_conflicts=True
        )
        found = HashKey.objects.get(pk=ONLY)
    return found.secret.encode()
