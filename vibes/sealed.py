"""Secrets that a form hands back to itself: unreadable to whoever looks at the page, for an hour.

A page never shows what was typed as a password. Where it has to come back with an error, what was
typed goes along sealed, so that nobody has to type it again and nothing is kept on the server.
"""

from __future__ import annotations

import json

from cryptography.fernet import InvalidToken

from vibes.models.secret import keys

SECONDS = 3600


def seal(secrets: dict[str, str], *, about: str) -> str:
    """The secrets as one token; `about` says which form it belongs to. Empty for no secrets."""
    if not secrets:
        return ""
    return keys().encrypt(json.dumps([about, secrets]).encode()).decode()


def opened(token: str, *, about: str) -> dict[str, str]:
    """What was sealed for this form; nothing when it is another's, too old, or meddled with."""
    try:
        meant_for, secrets = json.loads(keys().decrypt(token.encode(), ttl=SECONDS))
    except (InvalidToken, ValueError):
        return {}
    return {str(name): str(each) for name, each in secrets.items()} if meant_for == about else {}
