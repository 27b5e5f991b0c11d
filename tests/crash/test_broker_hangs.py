"""A broker that takes every call and answers none: worse than one that is away, and as little missed (R1, I6)."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from config import broker
from config.readiness import answers, wait_for
from config.supervisor import Process
from tests.crash.site import Victim, database_of_its_own

pytestmark = [pytest.mark.crash, pytest.mark.timed, pytest.mark.timeout(150)]
STOP = {"callback_type": "subscription_removed"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    chosen = broker.choose(tmp_path, surroundings={})
    assert chosen.program is not None, chosen.warning
    process = Process(chosen.program, say=lambda *_: None)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def one(tmp_path: Path, server: Process) -> Iterator[Victim]:
    """A worker and a web process at work, on the promised sweep, with a broker that hangs since now."""
    url = broker.choose(tmp_path, surroundings={}).url
    with database_of_its_own(tmp_path) as database:
        victim = Victim(
            tmp_path, broker_url=url, database_url=database, redis_url=url, SWEEP_SECONDS="15"
        )
        web = Process(victim.site.web(), say=victim._say)
        try:
            victim.start_simulator()
            victim.ask("found")
            victim.worker.start()
            web.start()
            assert wait_for(lambda: answers(f"{victim.site.url}/healthz"), seconds=30)
            assert wait_for(lambda: victim.ask("hearts").get("worker") == 1, seconds=30)
            assert server.pid
            os.kill(server.pid, signal.SIGSTOP)
            yield victim
        finally:
            web.kill()
            victim.stop()


def test_the_first_text_leaves_in_time_and_vibes_has_its_answer(one: Victim) -> None:
    one.ask("launch", "20")
    launched_at = time.monotonic()
    one.wait_until_sent(1, seconds=60)
    assert time.monotonic() - launched_at < 15

    address = f"{one.site.url}{one.ask('door')}"
    for number in range(5):
        said = requests.post(address, json=STOP | {"event_id": str(number)}, timeout=10)
        assert (said.status_code, said.elapsed.total_seconds() < 0.5) == (200, True)
