"""Vibes' rate limits: so many calls in any second, events apart from all else."""

from collections import deque
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


limiter = Limiter()
