"""What is done to the site while it works: drawn from the seed, spread over the run, written down."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from config.supervisor import Process

from . import pausing, site, world
from .options import Options
from .provider import Provider
from .servers import Postgres, Redis

# Of the run's progress, in which faults begin; before 0 is while people are still being found.
FIRST, LAST = -0.08, 0.95
STOPS_AT_ONCE = 20
PAUSED = site.PERMIT + 2.5
AWAY, ABSENT = 4.0, 30.0  # seconds of an outage of Vibes, and of Redis
AGAIN = 0.5  # then what the database was away for is tried again
# Of the kills: one sending process, a whole worker, beat.
VICTIMS = {"child": 0.66, "worker": 0.22, "beat": 0.12}


@dataclass(frozen=True)
class Blow:
    """One injected fault. `inside`: texts inside the simulator's door when it fell."""

    kind: str
    at: datetime
    detail: str
    inside: int = 0
    until: datetime | None = None


@dataclass
class Trouble:
    """All that is injected into one storm. `database` is None where there is no server to hurt."""

    options: Options
    crew: site.Crew
    provider: Provider
    redis: Redis
    database: Postgres | None
    campaign_id: int
    token: str
    run_id: int
    blows: list[Blow] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.options.seed)
        self.plan = _plan(self.options, self.chance)
        self.numbers = world.members()
        self.chance.shuffle(self.numbers)
        self._later: list[tuple[float, Callable[[], None]]] = []

    @property
    def is_over(self) -> bool:
        return not self.plan and not self._later

    def strike(self, progress: float) -> None:
        """Do what is due at this point of the run, one thing at a time, and what was put off."""
        for moment, undo in list(self._later):
            if monotonic() >= moment:
                self._later.remove((moment, undo))
                self._surely(undo)
        if self.plan and progress >= self.plan[0][0]:
            self._surely(getattr(self, f"_{self.plan.pop(0)[1]}"))

    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(each.kind for each in self.blows).items()))

    def undo_all(self) -> None:
        for _, undo in self._later:
            undo()
        self._later = []

    def _surely(self, deed: Callable[[], None]) -> None:
        """Do it, or, where the database is away, soon."""
        from django.db import Error, connection

        try:
            deed()
        except Error:
            connection.close()
            self._in(AGAIN, deed)

    # --- Processes --------------------------------------------------------------------------------

    def _kills(self) -> None:
        (victim,) = self.chance.choices([*VICTIMS], [*VICTIMS.values()])
        worker = self._worker()
        children = site.children(worker)
        if victim == "child" and children and worker not in self.crew.more:
            self._kill_child(worker, self.chance.choice(sorted(children)))
        elif victim == "beat":
            self._kill(self.crew.beat)
        else:
            self._kill(worker)

    def _kill(self, process: Process) -> None:
        """Frozen first, so that what is counted at the door is what was on the wire."""
        at = datetime.now(UTC)
        site.freeze(process)
        self._note("kill", process.program.name, inside=self._inside(), at=at)
        process.kill()
        process.start()

    def _kill_child(self, worker: Process, pid: int) -> None:
        at = datetime.now(UTC)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        name = f"{worker.program.name}, process {pid}"
        self._note("kill", name, inside=self._inside(), at=at)
        site.kill_child(pid)

    def _terms(self) -> None:
        worker = self._worker()
        self._note("term", worker.program.name)
        worker.ask_to_stop()  # it is started again when it has ended

    def _freezes(self) -> None:
        worker = self._worker()
        site.freeze(worker)
        seconds = self.crew.lease * 1.6
        self._note("freeze", worker.program.name, inside=self._inside(), seconds=seconds)
        self._in(seconds, lambda: site.thaw(worker))

    def _blackouts(self) -> None:
        """Everything at once; noted when all of it is to run again."""
        self.crew.freeze()
        at, inside = datetime.now(UTC), self._inside()
        self.crew.kill()
        self.redis.crash()
        if self.database is not None:
            self.database.crash()
        self._note("blackout", "everything", inside=inside, at=at, until=datetime.now(UTC))
        self.crew.look_after()

    def _worker(self) -> Process:
        return self.chance.choice(self.crew.more or self.crew.workers)

    # --- Servers ----------------------------------------------------------------------------------

    def _flushes(self) -> None:
        self.redis.flush()
        self._note("flush", "redis")

    def _losses(self) -> None:
        self.redis.crash()
        self._note("loss", "redis")

    def _absences(self) -> None:
        """Redis is away for long: the delay counts from its going, not from its return."""
        self.redis.stop()
        self._note("absence", "redis")
        self._in(ABSENT, self.redis.start)

    def _cuts(self) -> None:
        assert self.database is not None
        inside = self._inside()
        self._note("cut", f"{self.database.cut()} connections", inside=inside)

    def _crashes(self) -> None:
        assert self.database is not None
        self._note("crash", "postgresql", inside=self._inside(), seconds=5)
        self.database.crash()

    # --- People -----------------------------------------------------------------------------------

    def _stops(self) -> None:
        """Some of those who are left text STOP."""
        some, self.numbers = self.numbers[:STOPS_AT_ONCE], self.numbers[STOPS_AT_ONCE:]
        for each in some:
            self.provider.text_from(each, "STOP")
        self.stopped += some
        self._note("stop", f"{len(some)} people")

    def _starts(self) -> None:
        runs = world.start(self.campaign_id, self.token)
        self._note("double start", f"run {sorted(runs)}")

    def _pauses(self) -> None:
        if pausing.pause(self.run_id):
            self._note("pause", f"run {self.run_id}", seconds=PAUSED)
            self._in(PAUSED, lambda: pausing.resume(self.run_id))

    # --- Vibes ------------------------------------------------------------------------------------

    def _outages(self) -> None:
        """It ends what it has begun, and refuses connections until it is there again."""
        self._note("outage", "vibes", inside=self._inside(), seconds=AWAY)
        self.crew.simulator.stop()
        self._in(AWAY, self._end_outage)

    def _end_outage(self) -> None:
        self.crew.start_simulator()
        self.provider.be_rough(rough=self.options.rough, receipts=self.options.receipts)

    # --- Written down -----------------------------------------------------------------------------

    def _in(self, seconds: float, undo: Callable[[], None]) -> None:
        self._later.append((monotonic() + seconds, undo))

    def _inside(self) -> int:
        return self.provider.inside()

    def _note(
        self,
        kind: str,
        detail: str,
        *,
        inside: int = 0,
        seconds: float = 0,
        at: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        at = at or datetime.now(UTC)
        until = at + timedelta(seconds=seconds) if seconds else until
        self.blows.append(Blow(kind, at, detail, inside, until))


def _plan(options: Options, chance: random.Random) -> list[tuple[float, Any]]:
    """(progress, kind) of each fault, in order."""
    counts = options.counts()
    counts["stops"] = -(-counts["stops"] // STOPS_AT_ONCE)
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    return sorted((chance.uniform(FIRST, LAST), kind) for kind in kinds)
