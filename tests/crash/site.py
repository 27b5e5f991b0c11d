"""A whole site whose processes can be killed, and the questions a judge asks of it."""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from config import broker
from config.ports import free_port
from config.processes import QUEUES, Site
from config.readiness import answers, wait_for
from config.supervisor import Process
from tests import migrated
from tests.crash.asking import Asker
from tests.migrated import on_server

TOKEN = "simulator"
FIRST_REDIS = 9  # numbers apart from whatever else is kept on that server
SERVERS = ("TEST_DATABASE_URL", "TEST_REDIS_URL")


class Victim:
    """A running site with a simulator that keeps count, on a database of its own."""

    def __init__(
        self, var: Path, *, broker_url: str, database_url: str, redis_url: str, **more: str
    ) -> None:
        extra = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SWEEP_SECONDS": "2",
            "SIM_LATENCY_MS": "30",
            "SIM_TIME_SCALE": "0",
            "SIM_TOKEN": TOKEN,
            **more,
        }
        self.site = Site(
            var=var,
            port=free_port(),
            sim_port=free_port(),
            broker_url=broker_url,
            extra=extra,
        )
        self.worker = Process(self.site.worker(concurrency=2, queues=QUEUES), say=self._say)
        self.beat = Process(self.site.beat(), say=self._say)
        self.simulator = Process(self.site.simulator(), say=self._say)
        self.lines: list[str] = []
        self._asker: Asker | None = None

    def _say(self, name: str, line: str) -> None:
        self.lines.append(f"{name}: {line}")

    def ask(self, question: str, *arguments: str) -> Any:
        """Put a question to `tests.crash.world` in the surroundings of the site."""
        self._asker = self._asker or Asker(self.site.environment())
        return self._asker.ask(question, *arguments)

    def forget(self) -> None:
        """Whoever answered questions knows nothing of a database that was put back since."""
        if self._asker:
            self._asker.stop()

    def sent(self) -> Counter[str]:
        """How often each number was texted, by the simulator's own ledger."""
        answer = requests.get(
            f"{self.site.sim_url}/_sim/ledger?limit=100000",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
        )
        return Counter(each["mdn"] for each in answer.json()["events"])

    def requests(self) -> int:
        """How many calls of any kind have come to Vibes, by the simulator's own journal."""
        answer = requests.get(
            f"{self.site.sim_url}/_sim/requests?limit=100000",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
        )
        return len(answer.json()["requests"])

    def wait_until_sent(self, count: int, *, seconds: float = 120) -> None:
        ends = time.monotonic() + seconds
        while self.sent().total() < count:
            if time.monotonic() > ends:
                raise TimeoutError("\n".join(self.lines[-40:]))
            time.sleep(0.05)

    def start_simulator(self) -> None:
        self.simulator.start()
        assert wait_for(lambda: answers(f"{self.site.sim_url}/_sim/"), seconds=30)

    def kill_worker(self) -> None:
        """Kill -9 the worker with all its children, and start it again."""
        self.worker.kill()
        self.worker.start()

    def stop(self) -> None:
        self.forget()
        for process in (self.beat, self.worker, self.simulator):
            process.kill()


def at_hand(var: Path) -> AbstractContextManager[Victim]:
    """A site on the databases this round of tests is about."""
    servers = all(os.environ.get(name) for name in SERVERS)
    on_postgresql = "postgres" in os.environ.get("DATABASE_URL", "")
    return on_servers(var) if servers and on_postgresql else embedded(var)


@contextmanager
def embedded(var: Path) -> Iterator[Victim]:
    """SQLite, and the demo's own broker."""
    chosen = broker.choose(var, surroundings={})
    assert chosen.program is not None, chosen.warning
    server = Process(chosen.program, say=lambda *_: None)
    server.start()
    url = f"sqlite:///{var}/crash.sqlite3"
    migrated.make(url)
    try:
        with _running(
            Victim(var, broker_url=chosen.url, database_url=url, redis_url=chosen.url)
        ) as one:
            yield one
    finally:
        server.kill()


@contextmanager
def on_servers(var: Path) -> Iterator[Victim]:
    """PostgreSQL and Redis as the environment names them, in a database made for this."""
    # A number of its own keeps our messages apart from anybody else's on that Redis.
    number = FIRST_REDIS + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    own = urlsplit(os.environ["TEST_REDIS_URL"])._replace(path=f"/{number}").geturl()
    with (
        _database_on(os.environ["TEST_DATABASE_URL"]) as url,
        _running(Victim(var, broker_url=own, database_url=url, redis_url=own)) as one,
    ):
        yield one


@contextmanager
def database_of_its_own(var: Path) -> Iterator[str]:
    """The address of a new database: on the server this round of tests is about, else a SQLite file."""
    configured = os.environ.get("DATABASE_URL", "")
    if configured.startswith("postgres"):
        with _database_on(configured) as url:
            yield url
    else:
        url = f"sqlite:///{var}/crash.sqlite3"
        migrated.make(url)
        yield url


@contextmanager
def _database_on(server: str) -> Iterator[str]:
    name = f"ringdove_crash_{uuid.uuid4().hex[:8]}"
    url = f"{server.rsplit('/', 1)[0]}/{name}"
    migrated.make(url)
    try:
        yield url
    finally:
        on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _running(victim: Victim) -> Iterator[Victim]:
    try:
        victim.start_simulator()
        yield victim
    finally:
        victim.stop()
