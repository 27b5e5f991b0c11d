"""Whoever answers a person, or Vibes, waits for no broker."""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, current_thread
from time import monotonic
from typing import Any

import pytest
from celery import Task
from celery.contrib.django.task import DjangoTask
from kombu.exceptions import OperationalError

from config import doorbell
from config.celery import app

TASK = "vibes.tasks.apply_callback"


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Task[..., Any]]:
    """A task as it is rung for in a web process."""
    monkeypatch.setattr(doorbell, "_in_background", Event())
    monkeypatch.setattr(doorbell, "_waiting", SimpleQueue())
    doorbell._ringer.cache_clear()
    doorbell.ring_in_background()
    yield app.tasks[TASK]
    doorbell._ringer.cache_clear()


def test_a_broker_that_hangs_keeps_nobody_waiting(
    bell: Task[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hung, began = Event(), monotonic()
    monkeypatch.setattr(DjangoTask, "apply_async", lambda *_, **__: hung.wait(30))

    for number in range(doorbell.MOST_WAITING + 10):
        bell.delay(callback_id=number)

    assert doorbell._waiting.qsize() == doorbell.MOST_WAITING
    assert monotonic() - began < 10


def test_a_bell_is_rung_a_moment_later_and_one_that_fails_stops_none(
    bell: Task[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def ring(_: object, args: object, kwargs: dict[str, int], **__: object) -> None:
        if kwargs["callback_id"] < 2:
            raise (OperationalError, ZeroDivisionError)[kwargs["callback_id"]]
        rung.put((current_thread().name, kwargs))

    monkeypatch.setattr(DjangoTask, "apply_async", ring)
    for number in range(3):
        bell.delay(callback_id=number)

    assert rung.get(timeout=10) == ("doorbell", {"callback_id": 2})
