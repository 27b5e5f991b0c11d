"""A child forked while a thread of ours is at work finds no lock of it held."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Event, Lock, Thread

import pytest

from config import forking, pulse, standby, ticker

SOON = 0.3  # seconds for which a thread of these tests holds its lock


def can_take(lock: Lock) -> bool:
    """Whether a child forked now can."""
    pid = os.fork()
    if not pid:
        os._exit(0 if lock.acquire(timeout=0.2) else 1)
    return os.waitpid(pid, 0)[1] == 0


def hold(lock: Lock, at_work: Event, within: AbstractContextManager[None]) -> None:
    with within, lock:
        at_work.set()
        time.sleep(SOON)


@pytest.mark.parametrize(
    ("within", "taken"), [(forking.held_off, True), (nullcontext, False)], ids=["held off", "bare"]
)
def test_a_fork_waits_until_no_thread_is_at_work(
    within: Callable[[], AbstractContextManager[None]], taken: bool
) -> None:
    lock, at_work = Lock(), Event()
    thread = Thread(target=hold, args=(lock, at_work, within()))
    thread.start()
    at_work.wait()

    assert can_take(lock) is taken
    thread.join()


def test_who_is_at_work_itself_may_fork() -> None:
    with forking.held_off(), forking.held_off():
        assert can_take(Lock())


def test_a_child_forks_children_of_its_own() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0 if can_take(Lock()) else 1)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("of", ["standby", "standby starts", "pulse", "ticker"])
def test_no_thread_of_a_worker_is_forked_in_the_middle(
    of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, at_work = Lock(), Event()

    def work(*_: object) -> None:
        with lock:
            at_work.set()
            time.sleep(SOON)
        raise SystemExit  # of this thread

    monkeypatch.setattr(standby, "LOOK", 0.01)
    monkeypatch.setattr(standby, "broker_answers", work if of == "standby" else lambda: False)
    if of == "standby starts":
        monkeypatch.setattr(subprocess, "Popen", work)
    monkeypatch.setattr(pulse.Pulse, "_beat_once", work)
    monkeypatch.setattr(ticker.Ticker, "_look", work)
    threads = {
        "standby": lambda: standby.Standby(["flow"]),
        "standby starts": lambda: standby.Standby(["flow"]),
        "pulse": lambda: pulse.Pulse(pulse.Role.WORKER),
        "ticker": ticker.Ticker,
    }
    thread = threads[of]()
    thread.start()
    at_work.wait()

    assert can_take(lock)
    thread.join()
