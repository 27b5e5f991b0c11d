"""One budget, as one process sees it: together with the others, or alone with its share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from .link import AHEAD, SECOND, Away, Link, Told
from .pace import Pace


@dataclass(frozen=True)
class InUse:
    """Calls a second: what is allowed now, and what the last second used. `shared`: by all processes."""

    allowed: int
    used: int
    shared: bool


@dataclass(frozen=True)
class Booking:
    """`count` calls, of which the first may leave in `wait` seconds, and each next one `apart` seconds later;
    `sharers` processes book from the same budget, this one among them."""

    count: int = 0
    wait: float = 0.0
    apart: float = 0.0
    sharers: int = 1


class Pool:
    """Counts the calls of one account and kind. Threads may share it.

    Whatever the shared counter grants is counted here too, and what it says of the pace is kept:
    that is what remains when it is lost.
    """

    def __init__(
        self, name: str, link: Link, *, clock: Callable[[], float], me: Callable[[], str]
    ) -> None:
        self._name, self._link, self._clock, self._me = name, link, clock, me
        self._granted: deque[tuple[float, int]] = deque()
        self._pace, self._sharers = Pace(), 1
        self._lock = Lock()

    def take(self, budget: int, n: int, *, share: float, sharers: int) -> int:
        """Up to `n` calls out of a `share` (0 to 1) of the budget; `sharers`: processes, at least."""
        with self._lock:
            now = self._clock()
            most = self._pace.limit(budget, share, now)
            alone = min(n, self._left(most, sharers, now))
            try:
                granted = self._ask(budget, n, share, most, alone).granted
            except Away as away:
                granted = alone if away.alone else 0
            if granted:
                self._granted.append((self._clock(), granted))
            return granted

    def book(self, budget: int, n: int, *, sharers: int) -> Booking:
        """Up to `n` calls of the whole budget, evenly apart, no farther ahead than AHEAD; as soon as may be
        where there are few.

        A pool is used by `take` or by `book`, never by both.
        """
        with self._lock:
            now = self._clock()
            most = self._pace.limit(budget, 1, now)
            alone = min(n, self._left(most, sharers, now))
            try:
                told = self._ask(budget, n, 1, most, alone, ahead=AHEAD)
                apart = 1 / max(1, told.limit)
                booked = Booking(told.granted, told.wait, apart, max(1, told.sharers))
            except Away as away:
                apart = 1 / max(1, self._part(most, sharers))
                booked = Booking(alone if away.alone else 0, 0.0, apart)
            if booked.count:
                ends = self._clock() + booked.wait + booked.apart * (booked.count - 1)
                self._granted.append((ends, booked.count))
            return booked

    def in_use(self, budget: int, *, sharers: int) -> InUse:
        """Look without taking."""
        with self._lock:
            now = self._clock()
            most = self._pace.limit(budget, 1, now)
            try:
                told = self._ask(budget, 0, 1, most, 0, me="")
            except Away:
                return InUse(self._part(most, sharers), self._used(now), shared=False)
            return InUse(told.limit, told.used, shared=True)

    def slow_down(self, pause: float) -> None:
        """Vibes asked for less: here, and in every process that can hear it."""
        with self._lock:
            self._pace = self._pace.slower(self._clock(), pause)
            try:
                self._link.slow_down(self._name, pause)
            except Away:
                return

    def _ask(
        self,
        budget: int,
        n: int,
        share: float,
        most: int,
        alone: int,
        me: str | None = None,
        ahead: float = 0.0,
    ) -> Told:
        me = self._me() if me is None else me
        ask = [budget, share, n, int(ahead * SECOND)]
        told = self._link.take(self._name, most=most, alone=alone, me=me, ask=ask)
        self._sharers = told.sharers
        self._pace = self._pace.and_not_faster_than(told.pace, self._clock())
        return told

    def _left(self, most: int, sharers: int, now: float) -> int:
        return max(0, self._part(most, sharers) - self._used(now))

    def _part(self, most: int, sharers: int) -> int:
        """Our part of a limit; where there are more processes than calls, one each."""
        return max(1, most // max(1, sharers, self._sharers)) if most else 0

    def _used(self, now: float) -> int:
        while self._granted and self._granted[0][0] <= now - 1:
            self._granted.popleft()
        return sum(count for _, count in self._granted)
