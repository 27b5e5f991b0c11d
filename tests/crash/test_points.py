"""Kill -9 at every named place, once: started again, everybody has one verdict and nobody two texts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.processes import ROOT
from people.crashpoint import POINTS, Point
from tests.crash.site import database_of_its_own
from tests.vibes.pretend import TOKEN, Simulator

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What was found at each place, on the database that this round of tests is about."""
    folder = tmp_path_factory.mktemp("points")
    simulator = Simulator(folder)
    try:
        simulator.wait()
        simulator.reset()
        with database_of_its_own(folder) as url:
            yield {each["point"]: each for each in _judge(url, simulator)}
    finally:
        simulator.stop()


def _judge(url: str, simulator: Simulator) -> list[dict[str, Any]]:
    surroundings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": url,
        "REDIS_URL": "",
        "SEND_PERMIT_SECONDS": "5",
        "SIM_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "tests.crash.points", simulator.url]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("point", POINTS)
def test_who_dies_there_leaves_nothing_undone_and_nothing_done_twice(
    judged: dict[str, Any], point: Point
) -> None:
    found = judged[point]
    assert (found["how"], found["died"], found["faults"]) == ("KILL", True, [])


def test_a_place_is_passed_by_unless_it_is_named() -> None:
    program = "from people.crashpoint import crashpoint; crashpoint('claimed'); print('alive')"
    codes = {"": 0, "permitted": 0, "claimed:2": 0, "claimed": -9, "claimed:1:TERM": -15}
    for crash_at, code in codes.items():
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(ROOT),
            env=os.environ | {"CRASH_AT": crash_at},
            capture_output=True,
            check=False,
        )
        assert done.returncode == code
