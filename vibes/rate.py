"""How fast an account may call Vibes: counted over all processes when there is a Redis.

Nothing here sleeps. `take` says how many calls may be made now; the caller decides what to do.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

import structlog
from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from vibes.models import Account

log = structlog.get_logger(__name__)


class Kind(StrEnum):
    """Vibes counts texts apart from everything else."""

    EVENTS = "events"
    OTHER = "other"
    BACKGROUND = "background"
    """Other calls that can wait, such as a sweep: only while less than half of them is in use."""


class _Item(RateLimitItemPerSecond):
    """Counts in one window whatever the amount, so that half a budget is half of the same one."""

    def key_for(self, *identifiers: str) -> str:
        return "/".join((self.namespace, *identifiers))


def take(account: Account, kind: str, n: int) -> int:
    """Take up to `n` calls out of this second's budget; returns how many were granted, at once."""
    budget = account.events_per_second if kind == Kind.EVENTS else account.calls_per_second
    if kind == Kind.BACKGROUND:
        budget, kind = (budget + 1) // 2, Kind.OTHER
    if n < 1 or budget < 1:
        return 0
    item, key = _Item(budget, namespace="ringdove"), (str(kind), account.host)
    try:
        return _take(_shared(settings.REDIS_URL), item, (*key, account.company_key), n)
    except RedisError:
        log.warning("the shared rate counter is away, each process counts for itself")
        return _take(_shared(""), item, (*key, account.company_key), n)


def _take(
    limiter: MovingWindowRateLimiter, item: RateLimitItem, key: tuple[str, ...], n: int
) -> int:
    wanted = min(n, max(0, limiter.get_window_stats(item, *key).remaining))
    # Others take at the same time: what was left a moment ago may be gone, so ask for less.
    while wanted > 0 and not limiter.hit(item, *key, cost=wanted):
        wanted //= 2
    return wanted


@cache
def _shared(url: str) -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(_storage(url))


def _storage(url: str) -> Storage:
    if not url:
        return MemoryStorage()
    # Celery and the counting library spell a socket file differently.
    storage = storage_from_string(url.replace("redis+socket://", "redis+unix://"))
    assert isinstance(storage, Storage)  # the other kind is for asyncio
    return storage


def forget() -> None:
    """Start counting anew in this process: for tests."""
    _shared.cache_clear()
