"""The thread that does due work: routing, receipts, expiry, habitual replies."""

import logging
import time
from threading import Event, Thread

from vibes.simulator import jobs
from vibes.simulator.clock import clock
from vibes.simulator.store import Db, Store

BATCH = 25
IDLE_S = 1.0
TICK_S = 0.01
"""Between two transactions; what is scheduled meanwhile shares the next one."""
logger = logging.getLogger(__name__)


class Pipeline:
    """One thread; wakes when something is scheduled and when something falls due."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wake = Event()

    def start(self) -> None:
        self._store.after_commit(self._hear)
        Thread(target=self._run, name="pipeline", daemon=True).start()

    def catch_up(self) -> int:
        """Do everything due by now, here; how much that was. For a clock moved by hand."""
        done = 0
        while batch := self._catch_up_some():
            done += batch
        return done

    def _catch_up_some(self) -> int:
        with self._store.transaction() as db:
            return jobs.run_due(db, now=clock.now(), limit=BATCH)

    def _hear(self, db: Db) -> None:
        if db.has_new_work:
            self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            self._wake.wait(self._work())
            time.sleep(TICK_S)

    def _work(self) -> float:
        """Do one batch; how many seconds until there may be more."""
        try:
            with self._store.transaction() as db:
                if jobs.run_due(db, now=clock.now(), limit=BATCH) == BATCH:
                    return 0
                due_at = jobs.next_due(db)
        except jobs.JobFailed as failure:
            self._set_aside(failure)
            return 0
        return IDLE_S if due_at is None else min(IDLE_S, max(0, due_at - clock.now()))

    def _set_aside(self, failure: jobs.JobFailed) -> None:
        """One bad job must not hold up the others."""
        logger.error("Job %s failed and was set aside", failure, exc_info=failure)
        with self._store.transaction() as db:
            jobs.discard(db, int(str(failure)))
