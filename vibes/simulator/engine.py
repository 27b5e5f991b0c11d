"""What one process of the simulator consists of, and starting it."""

import os
import sys
from pathlib import Path

from vibes.simulator import fixtures, inbound, optin, routing, scenarios, subscriptions
from vibes.simulator.clock import clock, to_millisecond
from vibes.simulator.dispatcher import Dispatcher
from vibes.simulator.pipeline import Pipeline
from vibes.simulator.store import Db, Store
from vibes.simulator.stream import Stream

JOB_MODULES = (inbound, optin, routing, subscriptions)
"""Imported so that the workers of every kind of job are registered."""

SWITCH_S = 0.0005
"""A thread holding the store must not wait long for its turn: all others wait for it."""

store = Store(Path(os.environ.get("SIM_DATABASE", "var/simulator.sqlite3")))
pipeline = Pipeline(store)
dispatcher = Dispatcher(store)
stream = Stream()


def start() -> None:
    """Set up a new database, take up an old one, and start the threads."""
    sys.setswitchinterval(SWITCH_S)
    with store.transaction() as db:
        if not fixtures.is_wanted(db):
            fixtures.reset(db)
        clock.offset = float(db.value("SELECT value FROM state WHERE key = 'offset'") or 0)
        scenarios.restore()
    store.after_commit(stream.hear)
    pipeline.start()
    dispatcher.start()


def advance(seconds: float) -> int:
    """Move the clock and do what falls due; how many jobs that was."""
    with store.transaction() as db:
        clock.offset += seconds
        db.run("INSERT OR REPLACE INTO state VALUES ('offset', ?)", str(clock.offset))
        db.note("clock", None, now=to_millisecond(clock.now()), offset=clock.offset)
    done = pipeline.catch_up()
    dispatcher.wake()
    return done


def backlog(db: Db) -> dict[str, int]:
    """Work not done yet: jobs that are due, all jobs, and callbacks still owed."""
    queued = db.value("SELECT count(*) FROM callbacks WHERE state = 'queued'")
    return {
        "due_jobs": int(db.value("SELECT count(*) FROM jobs WHERE due_at <= ?", clock.now())),
        "jobs": int(db.value("SELECT count(*) FROM jobs")),
        "callbacks": int(queued) + dispatcher.under_way,
    }
