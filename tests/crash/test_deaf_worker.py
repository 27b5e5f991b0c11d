"""What becomes of work when the clock is missing, and when a worker hears nothing (F5)."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.pulse import CANNOT_WORK
from tests.crash.site import Victim, at_hand

PEOPLE, NUMBERS = 20, 16
pytestmark = [pytest.mark.crash, pytest.mark.timeout(200)]


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    with at_hand(tmp_path) as one:
        yield one


def wait(question: Callable[[], bool], *, seconds: float = 40) -> bool:
    ends = time.monotonic() + seconds
    while not question() and time.monotonic() < ends:
        time.sleep(0.5)
    return question()


def test_without_a_clock_the_workers_ring_themselves(victim: Victim) -> None:
    victim.ask("build", str(PEOPLE))
    victim.worker.start()

    victim.wait_until_sent(NUMBERS, seconds=60)
    assert victim.ask("hearts") == {"worker": 1}


def test_a_process_that_ends_in_order_is_not_missed(victim: Victim) -> None:
    victim.ask("found")
    victim.worker.start()
    victim.beat.start()
    assert wait(lambda: victim.ask("hearts") == {"worker": 1, "beat": 1})

    victim.beat.stop()

    assert victim.ask("hearts") == {"worker": 1}


def test_a_deaf_worker_ends_and_the_next_one_does_its_work(victim: Victim) -> None:
    victim.ask("found")
    victim.worker.start()
    assert wait(lambda: victim.ask("hearts") == {"worker": 1})
    victim.ask("deafen")
    victim.ask("launch", str(PEOPLE))

    assert victim.worker.wait(90) == CANNOT_WORK, victim.lines
    assert "hears no message" in "".join(victim.lines)
    victim.worker.start()
    victim.wait_until_sent(NUMBERS, seconds=60)


def test_a_worker_ends_when_the_database_is_newer_and_does_not_begin_again(victim: Victim) -> None:
    victim.ask("found")
    victim.worker.start()
    assert wait(lambda: victim.ask("hearts") == {"worker": 1})

    victim.ask("outdate")
    assert victim.worker.wait(60) is not None
    victim.worker.start()

    assert victim.worker.wait(60) == CANNOT_WORK, victim.lines
    assert "start the new version" in "".join(victim.lines)
