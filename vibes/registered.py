"""What is registered at Vibes, in the words of the page that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from vibes.models import Account

Key = tuple[str, str]
"""What tells registrations apart: their type, and the list, campaign, event type or code."""
Line = dict[str, str]


def keep(
    account: Account,
    wanted: Sequence[Key],
    refused: Mapping[Key, str],
    foreign: Sequence[tuple[Key, str]],
    now: datetime,
) -> None:
    """Keep on the account what was wanted, stands now, is missing (with Vibes' words), and is others'.

    No address in it opens a door: of ours the token is left out, of others' all but the host.
    """
    here = "/vibes/callbacks/…/"
    account.registrations = {
        "at": now.isoformat(),
        "wanted": [_line(each, here) for each in wanted],
        "present": [_line(each, here) for each in wanted if each not in refused],
        "missing": [
            _line(each, here) | {"why": refused[each]} for each in wanted if each in refused
        ],
        "foreign": [_line(each, _origin(url)) for each, url in foreign],
    }
    Account.objects.filter(pk=account.pk).update(registrations=account.registrations)


def _line(key: Key, url: str) -> Line:
    return {"type": key[0], "scope": key[1], "url": url}


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or ''}/…"
    except ValueError:
        return "…"
