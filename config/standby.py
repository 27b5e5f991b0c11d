"""While the broker is away, work goes on: beside each worker a process looks for what is due by itself (R1, I6).

The database is the queue, so nobody needs the doorbell. Bells that this process rings it hears itself; those
for queues that its worker does not take it leaves to another's.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Any

import structlog
from celery import signals
from django.conf import settings
from django.db import close_old_connections
from kombu.exceptions import OperationalError

from config import celery, doorbell
from config.celery import TICKS, app

log = structlog.get_logger(__name__)
LOOK = settings.SWEEP_SECONDS / 3  # seconds between two looks at the broker


class Standby(Thread):
    """Watches the broker from a worker's main process, and starts the other process while it is away."""

    def __init__(self, queues: Sequence[str]) -> None:
        super().__init__(name="standby", daemon=True)
        self.queues, self.stopped = queues, Event()
        self.beside: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while not self.stopped.wait(LOOK):
            if not broker_answers() and (self.beside is None or self.beside.poll() is not None):
                log.warning("the broker is away: looking for work without it")
                command = [sys.executable, "-m", "django", "standby", *self.queues]
                self.beside = subprocess.Popen(command)

    def end(self) -> None:
        self.stopped.set()
        if self.beside is not None:
            self.beside.terminate()


def broker_answers() -> bool:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError):
        return False
    return True


# --- The process beside a worker ------------------------------------------------------------------


def work(queues: Sequence[str], *, is_over: Callable[[], bool]) -> None:
    """Ring as beat does, and do what is rung for, one task after the other.

    `is_over` is asked every LOOK seconds, since it may take its time to answer.
    """
    rung, tick_at, look_at = doorbell.hear_own_bells(), 0.0, time.monotonic() + LOOK
    while True:
        now = time.monotonic()
        if now >= look_at:
            if is_over():
                return
            look_at = time.monotonic() + LOOK
        elif now >= tick_at:
            tick_at = now + settings.SWEEP_SECONDS
            for each in TICKS:
                _do(each, {})
        elif rung:
            _do(*rung.popleft(), queues=queues)
        else:
            time.sleep(0.2)


def _do(name: str, ids: dict[str, Any], *, queues: Sequence[str] | None = None) -> None:
    """One task. What fails is found again by the next tick."""
    if queues is not None and celery.queue_of(name) not in queues:
        return
    try:
        app.tasks[name].run(**ids)
    except Exception:
        log.exception("a task failed", task=name)
    finally:
        close_old_connections()


_running: list[Standby] = []


@signals.celeryd_after_setup.connect
def begin(instance: Any, **_: Any) -> None:
    standby = Standby(list(instance.app.amqp.queues.consume_from))
    _running.append(standby)
    standby.start()


@signals.worker_shutting_down.connect
def end(**_: Any) -> None:
    while _running:
        _running.pop().end()
