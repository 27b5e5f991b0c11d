"""How much of a budget is in force after Vibes asked for less (429)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

# After a 429 half, for ten seconds; then a tenth of the budget more each second. Seconds and parts.
HOLD, RECOVERY = 10.0, 0.1
# Calls that were on the wire together are refused together: within a second that is one answer.
ONE_ANSWER = 1.0
LEAST = 1 / 16


@dataclass(frozen=True)
class Pace:
    """`part` of the budget was left at `since`; nothing may leave before `paused_until`."""

    part: float = 1.0
    since: float = -inf
    paused_until: float = -inf

    def limit(self, budget: int, share: float, now: float) -> int:
        """Calls a second that a `share` (0 to 1) of the budget means now: 0 while paused, else 1 or more."""
        if now < self.paused_until:
            return 0
        return max(1, int(budget * share * self.at(now)))

    def at(self, now: float) -> float:
        """The part of the budget in force."""
        return min(1.0, self.part + max(0.0, now - self.since - HOLD) * RECOVERY)

    def slower(self, now: float, pause: float) -> Pace:
        """After a 429 that asked for `pause` seconds of silence (0: it did not say)."""
        until = max(self.paused_until, now + pause) if pause else self.paused_until
        if now - self.since < ONE_ANSWER:
            return replace(self, paused_until=until)
        return Pace(max(LEAST, self.at(now) / 2), now, until)

    def and_not_faster_than(self, other: Pace, now: float) -> Pace:
        """The slower of both, and the longer pause."""
        slower = min(self, other, key=lambda each: each.at(now))
        return replace(slower, paused_until=max(self.paused_until, other.paused_until))
