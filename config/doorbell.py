"""How a task is rung for: by a message, by one in the background, or in this process alone.

A bell that is lost costs no more than the time until the next tick, which finds the work in the
database. So nobody who answers a person, or Vibes with its half second, waits for a broker that hangs.
"""

from __future__ import annotations

import os
from collections import deque
from functools import cache, partial
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import structlog
from celery.contrib.django.task import DjangoTask
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)
MOST_WAITING = 1_000
_own_bells: list[deque[tuple[str, dict[str, Any]]]] = []
_in_background = Event()
_waiting: SimpleQueue[partial[Any]] = SimpleQueue()


class Doorbell(DjangoTask):  # type: ignore[type-arg]  # generic in its stubs only
    """A task whose message may get lost: a broker that is away never fails the caller."""

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        if _own_bells:
            return _hear(self.name, kwargs.get("kwargs") or (args[1:2] or [{}])[0] or {})
        if _in_background.is_set():
            return _ring_soon(partial(self._publish, *args, **kwargs))
        return self._publish(*args, **kwargs)

    def _publish(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().apply_async(*args, **kwargs)
        except OperationalError:
            log.warning("doorbell not rung, the sweep will find it", task=self.name)
            return None


# --- In this process alone ------------------------------------------------------------------------


def hear_own_bells() -> deque[tuple[str, dict[str, Any]]]:
    """From now on this process sends no message: whatever it rings for is in this queue, each once."""
    if not _own_bells:
        _own_bells.append(deque())
    return _own_bells[0]


def _hear(name: str, ids: dict[str, Any]) -> None:
    if (name, ids) not in _own_bells[0]:
        _own_bells[0].append((name, ids))


# --- In the background ----------------------------------------------------------------------------


def ring_in_background() -> None:
    """From now on nobody in this process waits for the broker: it answers people, and Vibes."""
    _in_background.set()


def _ring_soon(publish: partial[Any]) -> None:
    """Ring in a moment; not at all while the broker is far behind."""
    if _waiting.qsize() < MOST_WAITING:
        _waiting.put(publish)
        _ringer(os.getpid())


@cache
def _ringer(_: int) -> Thread:
    """One thread for each process: a fork takes none along."""
    ringer = Thread(target=_ring_all, name="doorbell", daemon=True)
    ringer.start()
    return ringer


def _ring_all() -> None:
    while True:
        publish = _waiting.get()
        try:
            publish()
        except Exception:
            log.exception("a bell could not be rung, the tick will find the work")
