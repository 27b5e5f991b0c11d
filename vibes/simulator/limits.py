"""How many calls at once: Vibes' rate limits, events apart from all else, and what is under way."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic


class Limiter:
    """Counts calls over a sliding second, in real time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._recent: dict[str, deque[float]] = {}

    def admits(self, pool: str, limit: int) -> bool:
        """May one more call pass? A limit of 0 admits all."""
        if limit <= 0:
            return True
        now = monotonic()
        with self._lock:
            recent = self._recent.setdefault(pool, deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= limit:
                return False
            recent.append(now)
        return True

    def forget(self) -> None:
        with self._lock:
            self._recent.clear()


class Door:
    """Counts the calls that have come in and are not answered yet, by pool."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside: Counter[str] = Counter()

    @contextmanager
    def passed(self, pool: str) -> Iterator[None]:
        self._count(pool, 1)
        try:
            yield
        finally:
            self._count(pool, -1)

    def inside(self) -> dict[str, int]:
        with self._lock:
            return {pool: self._inside[pool] for pool in ("events", "other")}

    def _count(self, pool: str, change: int) -> None:
        with self._lock:
            self._inside[pool] += change


limiter, door = Limiter(), Door()
