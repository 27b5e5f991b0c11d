"""The shared counter in Redis, and what is done while it does not answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from .pace import Pace

log = structlog.get_logger(__name__)
HERE = Path(__file__).parent
SECOND = 1_000_000
# One that is away is tried once in so many seconds; the calls between do not wait for it.
AGAIN = 1.0
PATIENCE = 0.25
# How far ahead calls are booked: whoever looks this often loses none of them.
AHEAD = 0.2


class Away(Exception):
    """The shared counter does not answer. `alone`: may a process count for itself already?"""

    def __init__(self, *, alone: bool) -> None:
        super().__init__()
        self.alone = alone


@dataclass(frozen=True)
class Told:
    """What the shared counter said; times are on the asker's clock."""

    granted: int
    limit: int
    used: int
    sharers: int
    pace: Pace
    wait: float


class Link:
    """One process's connection to the shared counter; none without a server. Threads may share it.

    Seconds come from `clock`. The server counts by its own clock, so that no two computers need to
    agree on the time; `server_clock` takes its place in a test.
    """

    def __init__(
        self,
        server: redis.Redis | None,
        clock: Callable[[], float],
        server_clock: Callable[[], float] | None = None,
    ) -> None:
        self._clock, self._server_clock = clock, server_clock
        self._again_at, self._lost_at = -inf, inf
        self._is_there = server is not None
        if server is not None:
            self._take = server.register_script((HERE / "take.lua").read_text())
            self._slow_down = server.register_script((HERE / "slow_down.lua").read_text())

    def take(self, pool: str, *, most: int, alone: int, me: str, ask: Sequence[float]) -> Told:
        """`ask`: budget, share, calls wanted, µs ahead (see take.lua). An empty `me` only looks. Raises Away."""
        said = self._call(lambda: self._take(_keys(pool), [*ask, most, alone, me, self._stamp()]))
        granted, limit, used, sharers, part, age, pause, wait = said
        now = self._clock()
        since, until = now - int(age) / SECOND, now + int(pause) / SECOND
        pace = Pace(float(part), since, until)
        return Told(granted, limit, used, sharers, pace, int(wait) / SECOND)

    def slow_down(self, pool: str, pause: float) -> None:
        """Let every process know that Vibes asked for less. Raises Away."""
        keys, asked = _keys(pool)[:1], (int(pause * SECOND), self._stamp())
        self._call(lambda: self._slow_down(keys, asked))

    def _call(self, run: Callable[[], Any]) -> Any:
        now = self._clock()
        if not self._is_there or now < self._again_at:
            raise self._away(now)
        if self._lost_at < inf:
            self._again_at = now + AGAIN  # before we wait, so that only one thread does
        try:
            said = run()
        except redis.RedisError as wrong:
            raise self._lose(now, type(wrong).__name__) from None
        self._again_at, self._lost_at = -inf, inf
        return said

    def _lose(self, tried_at: float, why: str) -> Away:
        now = self._clock()
        if self._lost_at == inf:
            log.warning("the shared rate counter is away, each process takes its share", why=why)
            self._lost_at = now
        self._again_at = tried_at + AGAIN
        return self._away(now)

    def _away(self, now: float) -> Away:
        """Alone only a second after the loss: what was granted together before must be over, and what was booked."""
        return Away(alone=not self._is_there or now >= self._lost_at + 1 + AHEAD)

    def _stamp(self) -> str:
        return f"{self._server_clock() * SECOND:.0f}" if self._server_clock else ""


def connect(url: str) -> redis.Redis | None:
    """A client that waits a quarter of a second and no longer; None without an address."""
    if not url:
        return None
    # Celery spells a socket file its own way.
    plain = url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    # A connection that went stale is made anew once; one that is refused costs nothing.
    again = Retry(NoBackoff(), 1, (redis.ConnectionError,))
    return redis.Redis.from_url(
        plain, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=again
    )


def _keys(pool: str) -> list[str]:
    """In braces: on a cluster they belong on one server."""
    return [f"ringdove:rate:{{{pool}}}:{part}" for part in ("state", "window", "sharers")]
