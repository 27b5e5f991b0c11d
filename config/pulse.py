"""Each of our processes writes that it lives, says what it misses, and looks after itself meanwhile.

A thread of its own, so that a process that is busy lives, and of one that stands still we learn. It
closes its connection after each beat: a worker's children are forked at any time, and must inherit none.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
from collections.abc import Sequence
from datetime import datetime
from threading import Event, Thread
from time import monotonic
from typing import Any
from uuid import uuid4

import structlog
from celery import signals
from celery.worker import state
from celery.worker.consumer import Consumer
from django.conf import settings
from django.db import DatabaseError, connections

from config import VERSION, checkup, forking, schema, standby, standstill
from config.celery import TICKS, app, queue_of
from config.deafness import Ears
from people.clock import database_now
from vibes import heartbeats, lock, pausing
from vibes.heartbeats import Trouble
from vibes.models import Heartbeat

log = structlog.get_logger(__name__)
Role = Heartbeat.Role
PATIENCE = 4 * settings.SWEEP_SECONDS  # seconds without a message, while the broker takes ours
LEAST_STORAGE = 200 * 1024 * 1024  # bytes
DRAIN = settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 10  # seconds
CANNOT_WORK = 78  # EX_CONFIG of sysexits.h


class Pulse(Thread):
    """The heart of one process."""

    def __init__(self, role: Role, queues: Sequence[str] = ()) -> None:
        super().__init__(name="pulse", daemon=True)
        self.role, self.pid, self.key = role, os.getpid(), uuid4()
        self.stopped, self.left, self.is_ending = Event(), Event(), False
        self.ears = Ears(PATIENCE, monotonic())
        self.facts = {"host": socket.gethostname(), "pid": self.pid, "role": role}
        self.facts |= {"version": VERSION, "schema": schema.name(schema.known())}
        self.facts |= {"queues": sorted(queues)}
        self.hears_ticks = queue_of(TICKS[0]) in queues

    def run(self) -> None:
        while not self.stopped.is_set():
            with forking.held_off():
                self._beat_once()
            self.stopped.wait(settings.SWEEP_SECONDS)

    def _beat_once(self) -> None:
        try:
            self.beat()
        except DatabaseError:
            log.warning("a heartbeat could not be written", exc_info=True)
        finally:
            connections.close_all()

    def beat(self) -> None:
        """One beat: write that we live, and look after ourselves."""
        if self.role == Role.WORKER and (why := schema.trouble()):
            self.end(why)
            return
        now, is_member, missing = database_now(), not lock.is_on(), list(troubles())
        heartbeats.beat(self.key, now=now, is_member=is_member, troubles=missing, **self.facts)
        if is_member:
            lock.note_epoch()
            self.look_after_work(now)

    def look_after_work(self, now: datetime) -> None:
        """Ring where work stands still; end where that is not heard."""
        if self.role != Role.WORKER:
            return
        still = not pausing.paused() and standstill.since(now=now)
        if still:
            self.ears.ring(monotonic(), reached=ring_for_all() and self.hears_ticks)
        if still and self.ears.are_deaf(monotonic(), is_busy=bool(state.reserved_requests)):
            self.end("Work waits, and this worker hears no message.")

    def end(self, why: str) -> None:
        """End this process in order, or else at once: whoever started it starts it again."""
        log.error("a worker ends itself", why=why)
        self.is_ending = True
        os.kill(self.pid, signal.SIGTERM)
        self.left.wait(DRAIN)
        os._exit(CANNOT_WORK)

    def leave(self) -> None:
        """The process ends in order, with the code of `end` where that asked for it.

        Not its children, which inherit this.
        """
        if os.getpid() != self.pid:
            return
        self.stopped.set()
        try:
            heartbeats.leave(self.key)
        finally:
            self.left.set()
            if self.is_ending:
                os._exit(CANNOT_WORK)


def troubles() -> Any:
    """What this process misses just now."""
    if not standby.broker_answers():
        yield Trouble.BROKER
    if shutil.disk_usage(settings.VAR_DIR).free < LEAST_STORAGE:
        yield Trouble.STORAGE


def ring_for_all() -> bool:
    """Ring what beat rings, once; say whether the broker took all of it."""
    rings = app.conf.beat_schedule.values()
    taken = [app.tasks[each["task"]].apply_async(**each["options"]) for each in rings]
    return None not in taken


def start(role: Role, queues: Sequence[str] = ()) -> Pulse:
    """Begin to beat, until the process ends."""
    pulse = Pulse(role, queues)
    pulse.start()
    atexit.register(pulse.leave)
    return pulse


def refuse_this_database(**_: object) -> None:
    """A worker, or its clock, does not begin to work where it knows other tables or where what is
    written may be forgotten."""
    if why := schema.trouble() or checkup.forgetfulness():
        log.error("cannot work", why=why)
        raise SystemExit(CANNOT_WORK)


@signals.worker_ready.connect
def start_worker(sender: Consumer, **_: object) -> None:
    pulse = start(Role.WORKER, list(sender.app.amqp.queues.consume_from))
    signals.task_received.connect(
        lambda **_: pulse.ears.hear(monotonic()), weak=False, dispatch_uid="ears"
    )


@signals.beat_init.connect
def start_beat(**_: object) -> None:
    refuse_this_database()
    start(Role.BEAT)


signals.worker_init.connect(refuse_this_database)
