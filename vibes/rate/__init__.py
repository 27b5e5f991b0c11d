"""How fast an account may call Vibes: one budget for all processes, counted in Redis.

Nothing here sleeps. `take` says how many calls may be made now, `book` at which moments soon to come; the
caller decides what to do. Texts are booked, so that they leave evenly, whoever sends them. When Redis is
lost, or there is none, each process takes its share of the budget and no more (docs/decisions/0014).
"""

from __future__ import annotations

import os
import socket
from enum import StrEnum
from functools import cache
from time import monotonic

from django.conf import settings

from vibes.models import Account

from .link import Link, connect
from .pool import Booking, InUse, Pool

__all__ = ["Booking", "InUse", "Kind", "book", "current", "forget", "slow_down", "take"]


class Kind(StrEnum):
    """Vibes counts texts apart from everything else."""

    EVENTS = "events"
    OTHER = "other"
    BACKGROUND = "background"
    """Other calls that can wait, such as a sweep: only while less than half of them is in use."""


_SHARE = {Kind.BACKGROUND: 0.5}


def take(account: Account, kind: str, n: int) -> int:
    """Take up to `n` calls out of this second's budget; returns how many were granted, at once."""
    budget = _budget(account, kind)
    if n < 1 or budget < 1:
        return 0
    share = _SHARE.get(Kind(kind), 1.0)
    return _pool(account, kind).take(budget, n, share=share, sharers=settings.RATE_SHARERS)


def book(account: Account, n: int) -> Booking:
    """Book up to `n` texts, each at a moment of its own in the next instants."""
    budget = _budget(account, Kind.EVENTS)
    if n < 1 or budget < 1:
        return Booking()
    return _pool(account, Kind.EVENTS).book(budget, n, sharers=settings.RATE_SHARERS)


def slow_down(account: Account, kind: str, retry_after: float | None) -> None:
    """Vibes answered 429: halve what is in force, and pause for the seconds it asked for, if any."""
    _pool(account, kind).slow_down(retry_after or 0.0)


def current(account: Account, kind: str) -> InUse:
    """What may be used now, and what was used in the last second."""
    return _pool(account, kind).in_use(_budget(account, kind), sharers=settings.RATE_SHARERS)


def forget() -> None:
    """Start counting anew in this process: for tests."""
    _opened.cache_clear()
    _link.cache_clear()


def _budget(account: Account, kind: str) -> int:
    """Calls a second."""
    return account.events_per_second if kind == Kind.EVENTS else account.calls_per_second


def _pool(account: Account, kind: str) -> Pool:
    counted = Kind.EVENTS if kind == Kind.EVENTS else Kind.OTHER
    return _opened(settings.REDIS_URL, f"{account.host}|{account.company_key}|{counted}")


@cache
def _opened(url: str, name: str) -> Pool:
    return Pool(name, _link(url), clock=monotonic, me=_me)


@cache
def _link(url: str) -> Link:
    return Link(connect(url), monotonic)


def _me() -> str:
    """This process, also after a fork."""
    return f"{socket.gethostname()}:{os.getpid()}"
