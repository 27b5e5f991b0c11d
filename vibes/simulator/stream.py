"""What happens here, as it happens: a bounded memory, and any number of readers.

Transactions note what they did; once committed, it is numbered and kept here for
readers to follow. Numbers carry the name of this run of the simulator, since they
begin again with it.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Condition
from typing import Any

from vibes.simulator.store import Db

KEPT = 5000
"""How many happenings a reader can be behind."""
HEARTBEAT_S = 15.0
LOOK_S = 0.5
"""How soon a reader that went away is noticed."""
GATHER_S = 0.03
"""What happens meanwhile is written together."""
RETRY_MS = 1000
MOST_READERS = 32
"""At once. Each holds a thread of the server, and a thread for each is added to it."""


@dataclass(frozen=True)
class Happening:
    """One thing that happened. ``mdn`` is the number it concerns; None concerns all."""

    number: int
    kind: str
    mdn: str | None
    about: dict[str, Any]


class Stream:
    """The latest happenings, numbered from 1."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self.run = f"{time.time_ns() // 1_000_000:x}"
        self._kept: deque[Happening] = deque(maxlen=kept)
        self._last = 0
        self._changed = Condition()

    def hear(self, db: Db) -> None:
        """Keep what a committed transaction noted, and wake the readers."""
        if not db.notes:
            return
        with self._changed:
            for kind, mdn, about in db.notes:
                self._last += 1
                self._kept.append(Happening(self._last, kind, mdn, about))
            self._changed.notify_all()

    def last(self) -> int:
        """The number of the newest happening; 0 before the first."""
        return self._last

    def place(self, event_id: str) -> int | None:
        """Where a reader was who saw this last; None if what came after is not all known."""
        run, _, number = event_id.rpartition("-")
        if run != self.run or not number.isdecimal() or len(number) > 18:
            return None
        seen = int(number)
        return seen if self._last - len(self._kept) <= seen <= self._last else None

    def name(self, number: int) -> str:
        """The event id of a place, for ``place``."""
        return f"{self.run}-{number}"

    def wait(self, after: int, *, timeout_s: float) -> list[Happening] | None:
        """What happened after this place, at the latest after ``timeout_s``; None if some is lost."""
        with self._changed:
            self._changed.wait_for(lambda: self._last > after, timeout_s)
            if after < self._last - len(self._kept):
                return None
            return [self._kept[index] for index in range(after - self._last, 0)]


def as_events(
    stream: Stream,
    last_seen: str,
    mdn: str | None,
    *,
    is_gone: Callable[[], bool],
    heartbeat_s: float = HEARTBEAT_S,
) -> Iterator[str]:
    """What happens, as the text of server-sent events, until the reader is gone.

    ``last_seen`` is the id of the last event the reader got before, if any.
    """
    known = stream.place(last_seen)
    seen = stream.last() if known is None else known
    yield f"retry: {RETRY_MS}\nid: {stream.name(seen)}\n\n"
    if last_seen and known is None:
        yield _reset(stream, seen)
    spoke = time.monotonic()
    while not is_gone():
        found = stream.wait(seen, timeout_s=min(LOOK_S, heartbeat_s))
        seen = stream.last() if found is None else seen + len(found)
        text = _reset(stream, seen) if found is None else _written(stream, found, mdn)
        if text or time.monotonic() - spoke >= heartbeat_s:
            yield text or ": still here\n\n"
            spoke = time.monotonic()
            time.sleep(GATHER_S)


def _written(stream: Stream, found: list[Happening], mdn: str | None) -> str:
    """Those about this number, and those about nobody in particular; all for None."""
    return "".join(
        _event(stream.name(one.number), one.kind, {"mdn": one.mdn} | one.about)
        for one in found
        if None in (mdn, one.mdn) or one.mdn == mdn
    )


def _reset(stream: Stream, seen: int) -> str:
    return _event(stream.name(seen), "reset", {"mdn": None})


def _event(name: str, kind: str, data: dict[str, object]) -> str:
    return f"id: {name}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"
