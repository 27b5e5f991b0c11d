"""Work that falls due later: one row each, and a table of who does which kind."""

import json
from collections.abc import Callable
from typing import Any

from vibes.simulator.options import options
from vibes.simulator.store import Db

Worker = Callable[[Db, dict[str, Any], float], None]
WORKERS: dict[str, Worker] = {}


class JobFailed(Exception):
    """A job raised; carries its id, so that it can be set aside."""


def does(kind: str) -> Callable[[Worker], Worker]:
    """Register who does this kind of job, as ``worker(db, payload, now)``."""

    def register(worker: Worker) -> Worker:
        WORKERS[kind] = worker
        return worker

    return register


def schedule(db: Db, kind: str, payload: dict[str, Any], *, due_at: float) -> None:
    db.run(
        "INSERT INTO jobs (due_at, kind, payload) VALUES (?, ?, ?)",
        *(due_at, kind, json.dumps(payload)),
    )
    db.has_new_work = True


def scaled(seconds: float) -> float:
    """A duration of the pretend world, by the time scale; 0 makes everything immediate."""
    return seconds * options.time_scale


def run_due(db: Db, *, now: float, limit: int) -> int:
    """Do up to ``limit`` jobs that are due, each at its own moment; how many were done."""
    due = db.all("SELECT * FROM jobs WHERE due_at <= ? ORDER BY due_at, id LIMIT ?", *(now, limit))
    db.many("DELETE FROM jobs WHERE id = ?", [(job["id"],) for job in due])
    for job in due:
        try:
            WORKERS[job["kind"]](db, json.loads(job["payload"]), job["due_at"])
        except Exception as problem:
            raise JobFailed(job["id"]) from problem
    return len(due)


def discard(db: Db, job_id: int) -> None:
    db.run("DELETE FROM jobs WHERE id = ?", job_id)


def next_due(db: Db) -> float | None:
    due_at: float | None = db.value("SELECT min(due_at) FROM jobs")
    return due_at
