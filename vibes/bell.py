"""Ring for a task without waiting for the broker.

Whoever answers Vibes has half a second, and a broker that hangs takes ten to say so. A bell that is
lost costs no more than the time until the next tick, which finds the work in the database.
"""

from __future__ import annotations

import os
from functools import cache
from queue import SimpleQueue
from threading import Thread
from typing import Any

import structlog
from celery import Task

log = structlog.get_logger(__name__)
MOST_WAITING = 1_000
Bell = tuple["Task[..., Any]", dict[str, int]]
_waiting: SimpleQueue[Bell] = SimpleQueue()


def ring(task: Task[..., Any], **ids: int) -> None:
    """Ask for the task, soon and in the background; not at all while the broker is far behind."""
    if _waiting.qsize() < MOST_WAITING:
        _waiting.put((task, ids))
        _ringer(os.getpid())


@cache
def _ringer(_: int) -> Thread:
    """One thread for each process: a fork takes none along."""
    ringer = Thread(target=_ring_all, name="bell", daemon=True)
    ringer.start()
    return ringer


def _ring_all() -> None:
    while True:
        task, ids = _waiting.get()
        try:
            task.apply_async(kwargs=ids)
        except Exception:
            log.exception("a bell could not be rung, the tick will find the work", task=task.name)
