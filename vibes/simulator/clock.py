"""The simulator's own time: the machine's clock plus what tests advanced it by."""

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970, moved forward by hand when a test cannot wait."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset


clock = Clock()


def to_second(at: float) -> str:
    """``2026-11-22T15:42:23Z``, as in subscriptions and callback envelopes."""
    return _utc(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_minute(at: float) -> str:
    """``2026-11-22T14:30Z``, as Vibes writes participation dates."""
    return _utc(at).strftime("%Y-%m-%dT%H:%MZ")


def to_millisecond(at: float) -> str:
    """``2026-11-22T15:42:23.123Z``, in the simulator's own journals."""
    return _utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_day(at: float) -> str:
    return _utc(at).strftime("%Y-%m-%d")


def parse(text: str) -> float:
    """A moment as Vibes' clients write it: a day, a minute or a second; UTC if it says nothing."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, tz=UTC)
