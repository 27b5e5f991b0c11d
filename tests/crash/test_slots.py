"""Planned runs start once and in time, whether one beat rings, or two, or none (I13)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.readiness import wait_for
from config.supervisor import Process
from tests.crash.site import SERVERS, Victim, embedded, on_servers

SLOTS, PATIENCE = 8, 90
PROMISED = 15.0  # seconds late at most
pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """A site on the databases this round of tests is about, with its worker running and no beat."""
    servers = all(os.environ.get(name) for name in SERVERS)
    make = on_servers if servers and "postgres" in os.environ["DATABASE_URL"] else embedded
    with make(tmp_path) as one:
        one.ask("plan", "0")  # its tables, before anybody looks into them
        one.worker.start()
        yield one


def started(victim: Victim, **at_work: int) -> Any:
    """Once so many processes of each role are at work: plan, and look until nothing is planned any more.

    What is promised is promised of a site that is up; how long it takes to come up is another matter.
    """
    assert wait_for(lambda: victim.ask("hearts") == at_work, seconds=PATIENCE), victim.lines[-30:]
    victim.ask("plan", str(SLOTS))
    ends = time.monotonic() + PATIENCE
    while "planned" in (found := victim.ask("slots"))["states"] and time.monotonic() < ends:
        time.sleep(1)
    return found


def test_with_no_beat_a_worker_starts_them_in_time(victim: Victim) -> None:
    found = started(victim, worker=1)

    assert (found["states"], found["runs"]) == ({"started": SLOTS}, SLOTS), victim.lines[-30:]
    assert max(found["late"]) <= PROMISED


def test_with_two_beats_each_starts_once(victim: Victim, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Process(replace(victim.site, var=elsewhere).beat(), say=victim._say)
    victim.beat.start()
    other.start()
    try:
        found = started(victim, worker=1, beat=2)
    finally:
        other.kill()

    assert (found["states"], found["runs"]) == ({"started": SLOTS}, SLOTS), victim.lines[-30:]
    assert max(found["late"]) <= PROMISED
