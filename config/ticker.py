"""A worker rings for due work by itself while no beat does: nothing hangs on a process there is only one of."""

from __future__ import annotations

import os
import socket
import threading
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import Error, connection

from config import forking
from config.celery import BEAT, TICKS, app
from people import ticking
from people.clock import database_now
from people.models import Tick

log = structlog.get_logger(__name__)
# Of the seconds between two ticks. Beat's is heard a moment after it rang; with those of workers,
# which look and then ring, two are never further apart than beat's.
OF_BEAT, OF_A_WORKER = 1.05, 0.8


class Ticker(threading.Thread):
    """Looks when the next bell is due; rings when by then nobody has."""

    def __init__(self) -> None:
        super().__init__(name="ticker", daemon=True)
        self.who = f"{socket.gethostname()}:{os.getpid()}"
        self._ended = threading.Event()

    def end(self) -> None:
        self._ended.set()

    def run(self) -> None:
        left = timedelta()
        while not self._ended.wait(left.total_seconds()):
            with forking.held_off():
                left = self._look()

    def _look(self) -> timedelta:
        """Ring if it is time; how long until the next look."""
        try:
            return look(self.who, now=database_now())
        except Error as away:  # the database; tasks cannot work now either
            log.warning("the ticker cannot look", why=str(away))
            return timedelta(seconds=settings.SWEEP_SECONDS)
        finally:
            connection.close()  # children are forked while this sleeps, and must not inherit it


def look(who: str, *, now: datetime) -> timedelta:
    """Ring if nobody did for too long and `who` is the first to see it; how long until the next look."""
    seen = ticking.last()
    left = _left(seen, now)
    if left > timedelta():
        return left
    if ticking.take(seen, by=who, now=now):
        ring()
    return timedelta(seconds=settings.SWEEP_SECONDS * OF_A_WORKER)


def _left(seen: Tick | None, now: datetime) -> timedelta:
    """How long the last bell still holds. One in the future holds no longer: some clock is wrong."""
    if seen is None:
        return timedelta()
    share = OF_BEAT if seen.by == BEAT else OF_A_WORKER
    return timedelta(seconds=settings.SWEEP_SECONDS * share) - abs(now - seen.at)


def ring() -> None:
    """What beat would ring for."""
    for task in TICKS:
        app.tasks[task].apply_async(expires=settings.SWEEP_SECONDS)


_running: list[Ticker] = []


@worker_ready.connect
def begin(**_: Any) -> None:
    ticker = Ticker()
    _running.append(ticker)
    ticker.start()


@worker_shutting_down.connect
def end(**_: Any) -> None:
    while _running:
        _running.pop().end()
