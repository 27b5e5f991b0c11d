"""The moments at which the texts of one sender may leave: booked ahead, so that all senders keep the rate evenly."""

from __future__ import annotations

from collections import deque

from .rate import Booking

# A moment missed by more is lost. To catch up would bunch texts, and Vibes counts those of any second. Where
# several share the rate each bunches only its part, and may be later.
LATE, SHARERS = 0.1, 3  # seconds, times those who share, at most so many
# Those that come in so many seconds go along: a permit takes as long.
SOON = 0.005


class Turns:
    """Booked and not used, in order. Seconds on a monotonic clock."""

    def __init__(self) -> None:
        self._moments = deque[float]()
        self._late = LATE

    def __len__(self) -> int:
        return len(self._moments)

    def add(self, booked: Booking, *, now: float) -> None:
        self._late = LATE * min(booked.sharers, SHARERS)
        first = now + booked.wait
        self._moments.extend(first + booked.apart * place for place in range(booked.count))

    def use(self, most: int, *, now: float) -> int:
        """Use at most so many of those that have come, or nearly; how many they were."""
        while self._moments and self._moments[0] < now - self._late:
            self._moments.popleft()
        used = 0
        while used < most and self._moments and self._moments[0] <= now + SOON:
            self._moments.popleft()
            used += 1
        return used
