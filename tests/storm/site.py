"""The product's own processes, as production runs them, and what can be done to them."""

from __future__ import annotations

import os
import signal
from collections import deque
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from config.ports import free_port
from config.processes import QUEUES, Site
from config.readiness import answers, wait_for
from config.supervisor import Process, Program

from .provider import TOKEN

# The product's own times, scaled down so that a storm passes through many of them.
SWEEP, LEASE, PERMIT = 2, 3.0, 1.5
SLOTS = 12
SCALED = {
    "SWEEP_SECONDS": str(SWEEP),
    "SEND_LEASE_SECONDS": str(LEASE),
    "SEND_PERMIT_SECONDS": str(PERMIT),
}
SURROUNDINGS = {
    "SEND_SLOTS": str(SLOTS),
    "SIM_LATENCY_MS": "20",
    "SIM_TIME_SCALE": "0",
    "SIM_TOKEN": TOKEN,
    "LOG_LEVEL": "WARNING",
}
START_SECONDS = 60
SAID = 4_000  # lines that are remembered


def make_site(
    var: Path, *, redis_url: str, database_url: str, loops: int = 1, scaled: bool = True
) -> Site:
    """A site on servers of the storm's own. `loops`: how many processes send at once."""
    urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SEND_LOOPS": str(loops)}
    return Site(
        var=var,
        port=free_port(),
        sim_port=free_port(),
        broker_url=redis_url,
        extra=SURROUNDINGS | (SCALED if scaled else {}) | urls,
    )


class Crew:
    """Web, simulator, beat and workers of a site, a listener among these; whoever dies is started again."""

    def __init__(self, site: Site, *, workers: int, width: int, queues: tuple[str, ...] = QUEUES):
        self.site, self.said = site, deque[str](maxlen=SAID)
        worker = site.worker(concurrency=width, queues=queues)
        named = [*(_named(worker, each) for each in range(workers)), site.listener()]
        self.workers = [Process(each, say=self._say) for each in named]
        self.beat = Process(site.beat(), say=self._say)
        self.simulator = Process(site.simulator(), say=self._say)
        self.web = Process(site.web(), say=self._say)
        self.more: list[Process] = []

    def start_simulator(self) -> None:
        self.simulator.start()
        self._until_it_answers(f"{self.site.sim_url}/_sim/")

    def start_web(self) -> None:
        """The process that Vibes' callbacks reach."""
        self.web.start()
        self._until_it_answers(f"{self.site.local_url}/healthz")

    def _until_it_answers(self, url: str) -> None:
        if not wait_for(lambda: answers(url), seconds=START_SECONDS):
            raise TimeoutError(f"{url} does not answer.\n" + self.tail())

    def start_inside(self) -> None:
        for each in self._inside():
            each.start()

    @property
    def lease(self) -> float:
        """Seconds."""
        return float(self.site.extra.get("SEND_LEASE_SECONDS", 60))

    def freeze(self) -> None:
        """All of them but the simulator."""
        for each in (*self._inside(), self.web):
            freeze(each)

    def kill(self) -> None:
        for each in (*self._inside(), self.web):
            each.kill()

    def add(self, program: Program) -> None:
        """One more process that works beside the workers."""
        self.more.append(Process(program, say=self._say))

    def look_after(self) -> None:
        """Start again whoever died, as a supervisor would."""
        for each in (*self._inside(), self.web):
            if not each.is_alive():
                each.kill()  # what it left behind
                each.start()

    def stop(self) -> None:
        for each in (*self._inside(), self.web, self.simulator):
            thaw(each)
            each.kill()

    def tail(self, lines: int = 40) -> str:
        return "\n".join(list(self.said)[-lines:])

    def _inside(self) -> list[Process]:
        return [self.beat, *self.workers, *self.more]

    def _say(self, name: str, line: str) -> None:
        self.said.append(f"{name}: {line}")


# --- What can be done to a process ----------------------------------------------------------------


def freeze(process: Process) -> None:
    """SIGSTOP, with every process it started."""
    _signal_all(process, signal.SIGSTOP)


def thaw(process: Process) -> None:
    _signal_all(process, signal.SIGCONT)


def children(process: Process) -> list[int]:
    """The processes it forked, by id; none where the system does not say."""
    try:
        tasks = list(Path(f"/proc/{process.pid}/task").iterdir())
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    except OSError:
        return []


def kill_child(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _signal_all(process: Process, sign: signal.Signals) -> None:
    if process.pid is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)


def _named(worker: Program, number: int) -> Program:
    """Celery wants a host name for each."""
    command = [f"w{number}-{each}" if "@%h" in each else each for each in worker.command]
    return replace(worker, name=f"worker {number}", command=command)
