"""What is registered at Vibes, in the words of the page that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from vibes.models import Account

Key = tuple[str, str]
"""What tells registrations apart: their type, and the list, campaign, event type or code."""
Line = dict[str, str]
HERE = "/vibes/callbacks/…/"


class Other(NamedTuple):
    """A registration that is not this account's. `service`: the service of ours it is for, or ''."""

    key: Key
    url: str
    service: str


def keep(
    account: Account,
    wanted: Sequence[Key],
    refused: Mapping[Key, str],
    others: Sequence[Other],
    now: datetime,
) -> None:
    """Keep on the account what was wanted, stands now, is missing (with Vibes' words), is for another
    service of ours (with its name), and is somebody else's.

    No address in it opens a door: of ours the token is left out, of others' all but the host.
    """
    account.registrations = {
        "at": now.isoformat(),
        "wanted": [_line(each, HERE) for each in wanted],
        "present": [_line(each, HERE) for each in wanted if each not in refused],
        "missing": [
            _line(each, HERE) | {"why": refused[each]} for each in wanted if each in refused
        ],
        "beside": [
            _line(each.key, HERE) | {"service": each.service} for each in others if each.service
        ],
        "foreign": [_line(each.key, _origin(each.url)) for each in others if not each.service],
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
