"""While the broker is away, work goes on: beside each worker a process looks for what is due by itself (R1, I6).

The database is the queue, so nobody needs the doorbell. Bells that this process rings it hears itself; those
for queues that its worker does not take it leaves to another's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

import structlog
from celery import signals
from django.conf import settings
from django.db import close_old_connections
from kombu.exceptions import OperationalError

from config import celery, doorbell, forking
from config.celery import TICKS, app
from people import leaving

log = structlog.get_logger(__name__)
LOOK = settings.SWEEP_SECONDS / 5  # seconds between two looks at the broker
TICK = settings.SWEEP_SECONDS / 3  # more often than beat: the bells of others are lost
PATIENCE = 2  # seconds a broker may take to answer
# Seconds: what is on the wire comes down within 25, and whoever stops a worker waits 40.
LONGEST_END = settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 5


class Standby(Thread):
    """Watches the broker from a worker's main process, and starts the other process while it is away."""

    def __init__(self, queues: Sequence[str]) -> None:
        super().__init__(name="standby", daemon=True)
        self.queues, self.stopped, self.starting = queues, Event(), Lock()
        self.beside: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while not self.stopped.wait(LOOK):
            with forking.held_off():
                answers = broker_answers()
            if not answers and (self.beside is None or self.beside.poll() is not None):
                log.warning("the broker is away: looking for work without it")
                self.start_beside()

    def start_beside(self) -> None:
        """Start it, unless the worker was stopped while the broker was waited for.

        Nobody forks meanwhile: a child that held the end of the pipe on which `Popen` waits for the start
        would keep it, and `end` with it, waiting for as long as that child lives.
        """
        command = [sys.executable, "-m", "django", "standby", f"--parent={os.getpid()}"]
        # In this order, as `end` may come while somebody waits to fork; and never around a line of the log,
        # as it may come while one is written.
        with forking.held_off(), self.starting:
            if not self.stopped.is_set():
                self.beside = subprocess.Popen([*command, *self.queues])

    def end(self) -> None:
        """Ask it to end in order; returns at once."""
        self.stopped.set()
        with self.starting:
            if self.beside is not None:
                self.beside.terminate()

    def wait(self) -> None:
        """Let it write down what became of the calls it has on the wire."""
        if self.beside is not None:
            with suppress(subprocess.TimeoutExpired):
                self.beside.wait(LONGEST_END)


def broker_answers() -> bool:
    """Whether it does soon: one that hangs is as good as one that is away."""
    soon = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **soon}
    try:
        with app.connection_for_write(transport_options=options) as broker:
            broker.ensure_connection(max_retries=0)
    except (OperationalError, OSError):
        return False
    return True


# --- The process beside a worker ------------------------------------------------------------------


def work(queues: Sequence[str], *, is_over: Callable[[], bool]) -> None:
    """Ring for all that beat does, and do what is rung for, one task after the other, until asked to end.

    Or until `is_over`, which is asked every LOOK seconds and may take its time to answer.
    """
    rung, tick_at, over = doorbell.hear_own_bells(), 0.0, _when(is_over)
    while not (over.is_set() or leaving.is_asked()):
        now = time.monotonic()
        if now >= tick_at:
            tick_at = now + TICK
            for each in TICKS:
                _do(each, {})
        elif rung:
            _do(*rung.popleft(), queues=queues)
        else:
            time.sleep(0.2)


def _when(is_over: Callable[[], bool]) -> Event:
    """What a thread of its own sets when it is: whoever works does not wait for a broker that hangs."""
    over = Event()

    def watch() -> None:
        while not is_over():
            time.sleep(LOOK)
        over.set()

    Thread(target=watch, name="is-over", daemon=True).start()
    return over


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
    """Both end at once: the worker waits for its own tasks, and for the process beside it last."""
    for standby in _running:
        standby.end()


@signals.worker_shutdown.connect
def wait(**_: Any) -> None:
    while _running:
        _running.pop().wait()
