"""How much memory a piece of work takes above what was there before it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PAGE_MB = 4096 / 1024 / 1024
STATM = Path("/proc/self/statm")


@dataclass
class Peak:
    """Megabytes of resident memory: before the work, and at most during it."""

    before: float = 0
    at_most: float = 0

    @property
    def growth(self) -> float:
        return self.at_most - self.before


@contextmanager
def watched() -> Iterator[Peak]:
    """Look at this process's resident size every 20 ms while the block runs (Linux only)."""
    peak, over = Peak(_resident(), _resident()), threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            peak.at_most = max(peak.at_most, _resident())

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _resident() -> float:
    return int(STATM.read_text().split()[1]) * PAGE_MB
