"""What a process does that works without a broker: it hears its own bells, each once, and only its queues'."""

from __future__ import annotations

from collections import deque

import pytest

from config import doorbell, standby
from config.celery import TICKS, app


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that ran, of a world in which each tick rings for the same run and callback."""
    app.loader.import_default_modules()
    monkeypatch.setattr(doorbell, "_own_bells", [])
    monkeypatch.setattr(standby, "LOOK", 0.2)
    heard: list[str] = []

    def ring() -> None:
        heard.append("tick")
        app.tasks["campaigns.tasks.prepare_run"].apply_async(kwargs={"run_id": 1})
        app.tasks["vibes.tasks.apply_callback"].delay(callback_id=1)

    for name in TICKS:
        monkeypatch.setattr(app.tasks[name], "run", ring)
    monkeypatch.setattr(
        app.tasks["campaigns.tasks.prepare_run"], "run", lambda **_: heard.append("run")
    )
    monkeypatch.setattr(
        app.tasks["vibes.tasks.apply_callback"], "run", lambda **_: heard.append("callback")
    )
    return heard


def looks(times: int) -> deque[bool]:
    return deque([False] * times + [True])


@pytest.mark.django_db
def test_each_bell_is_heard_once_and_by_whom_it_is_for(ran: list[str]) -> None:
    standby.work(["flow"], is_over=looks(2).popleft)

    assert ran == ["tick"] * len(TICKS) + ["run"]


@pytest.mark.django_db
def test_a_task_that_fails_ends_nothing(ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(app.tasks["campaigns.tasks.prepare_run"], "run", fail)

    standby.work(["flow", "callbacks"], is_over=looks(2).popleft)

    assert ran[-1] == "callback"


def test_nothing_is_started_beside_a_worker_that_was_stopped_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    beside = standby.Standby(["flow"])

    def answers_late() -> bool:
        beside.end()
        return False

    monkeypatch.setattr(standby, "broker_answers", answers_late)
    beside.run()

    assert beside.beside is None
