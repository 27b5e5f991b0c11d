"""The whole product as its own processes, and the simulator as the judge of what left it."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config import broker
from config.demo_world.in_step import Controls
from config.ports import free_port
from config.processes import QUEUES, ROOT, Site
from config.readiness import answers, wait_for
from config.supervisor import Supervisor
from tests import migrated

PATIENCE = 60


class Running:
    """One site with web, worker, beat, simulator and broker."""

    def __init__(self, site: Site, supervisor: Supervisor) -> None:
        self.site, self.supervisor = site, supervisor
        self.url, self.handsets = site.url, f"{site.sim_url}/_sim/"
        self.controls = Controls(site.sim_url)

    def manage(self, *arguments: str, **environment: str) -> None:
        """Run a management command as the site's own processes would."""
        surroundings = self.site.environment() | environment
        subprocess.run(self.site.command(*arguments), cwd=ROOT, env=surroundings, check=True)

    def fault(self, path: str, **rule: Any) -> None:
        """Calls whose path has this in it go wrong: `fault("/events", when={"nth": 3}, action={…})`."""
        self.controls.call("POST", "faults", json={"match": {"path": path}, **rule})

    def end_faults(self) -> None:
        self.controls.call("DELETE", "faults")

    def last_event(self) -> int:
        """The newest text in the simulator's ledger, to count from."""
        return int(self.controls.get("ledger", limit=100_000)["last"])

    def texted(self, *, since: int) -> Counter[str]:
        """How often each number was texted after an event, by the simulator's ledger."""
        events = self.controls.get("ledger", since=since, limit=100_000)["events"]
        return Counter(each["mdn"] for each in events)

    def messages(self, number: str) -> list[dict[str, Any]]:
        """What is on a phone, oldest first."""
        found: list[dict[str, Any]] = self.controls.get(f"handsets/{number}/messages")["messages"]
        return found

    def standing(self, number: str) -> dict[str, str]:
        """How a number stands with each list at Vibes, by list id."""
        found = self.controls.get("memberships", mdn=number)["memberships"]
        return {each["list_id"]: each["state"] for each in found}


@contextmanager
def running(var: Path, *, seeded: bool) -> Iterator[Running]:
    """A site on a folder of its own, up while the block runs; with the demo's world or empty."""
    supervisor = Supervisor(say=lambda name, line: print(f"{name} | {line}"))  # noqa: T201
    chosen = broker.choose(var, surroundings={})
    site = _site(var, chosen.url)
    one = Running(site, supervisor)
    try:
        if chosen.program:
            supervisor.start(chosen.program)
        supervisor.start(site.simulator())
        if not migrated.make(site.extra["DATABASE_URL"]):
            one.manage("migrate", "--verbosity", "0")
        if seeded:
            one.manage("seed_demo")
        supervisor.start(site.web())
        _wait(site, supervisor)
        if seeded:
            one.manage("sync_simulator")
        for program in (site.worker(concurrency=2, queues=QUEUES), site.beat()):
            supervisor.start(program)
        yield one
    finally:
        supervisor.kill()


def _site(var: Path, broker_url: str) -> Site:
    return Site(
        var=var,
        port=free_port(),
        sim_port=free_port(),
        broker_url=broker_url,
        extra={
            "DATABASE_URL": f"sqlite:///{var}/ringdove.sqlite3",
            "REDIS_URL": broker_url if "redis" in broker_url else "",
            "SWEEP_SECONDS": "2",
            "SIM_LATENCY_MS": "0",
            "SIM_TIME_SCALE": "0",
        },
    )


def _wait(site: Site, supervisor: Supervisor) -> None:
    pages = [f"{site.local_url}/healthz", f"{site.sim_url}/_sim/"]
    up = wait_for(
        lambda: all(answers(page) for page in pages),
        seconds=PATIENCE,
        meanwhile=supervisor.look_after,
    )
    assert up, pages
