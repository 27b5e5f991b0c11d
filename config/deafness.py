"""A worker that is connected to the broker and hears nothing: how it finds out (F5).

Celery workers are known to come back deaf from a lost connection. Work stands still then, while
everything looks alive. One that hears nothing although it rings itself says so and ends; whoever
started it starts it again.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Ears:
    """When this worker last heard a message, and whether what it rang itself should have reached it.

    Times are seconds of a monotonic clock. `patience`: how long it may hear nothing.
    """

    patience: float
    born_at: float
    heard_at: float = 0
    rung_at: float | None = None

    def hear(self, at: float) -> None:
        self.heard_at, self.rung_at = at, None

    def ring(self, at: float, *, reached: bool) -> None:
        """It has rung for itself; `reached`: the broker took the message."""
        if not reached:
            self.rung_at = None  # the broker is away: to begin anew would not help
        elif self.rung_at is None:
            self.rung_at = at

    def are_deaf(self, at: float, *, is_busy: bool) -> bool:
        """Whether it has long heard nothing of what the broker took, with nothing else to do."""
        if is_busy or self.rung_at is None or at - self.born_at < 2 * self.patience:
            return False
        return at - max(self.rung_at, self.heard_at) > self.patience
