"""One storm on each kind of servers: nobody twice, nobody lost, and the usual loop under it does worse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from config.processes import ROOT
from tests.storm import servers

# One by one: all of the machine is theirs, as their bars suppose.
pytestmark = [pytest.mark.crash, pytest.mark.timed, pytest.mark.timeout(400)]
# What the storm brings along; nothing of the surroundings of this round of tests.
OWN = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "VAR_DIR")
embedded = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="needs no server: the other round runs it"
)


def storm(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report."""
    surroundings = {name: value for name, value in os.environ.items() if name not in OWN}
    done = subprocess.run(
        [sys.executable, "-m", "tests.storm", "--json", *arguments],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def broken(report: dict[str, Any]) -> dict[str, Any]:
    """What did not hold, with its evidence."""
    missed = {name: each for name, each in report["bars"].items() if not each["ok"]}
    return missed | {
        name: each["evidence"] for name, each in report["invariants"].items() if not each["holds"]
    }


@pytest.mark.postgres
@pytest.mark.skipif(servers.find("initdb") is None, reason="PostgreSQL is not installed here")
def test_a_storm_over_servers_costs_nobody_a_text_and_nobody_gets_two() -> None:
    code, report = storm("--members", "5000", "--kills", "25", "--seed", "1")

    assert (code, broken(report)) == (0, {}), report
    assert report["faults"]["kill"] == 25


@embedded
def test_a_storm_over_the_embedded_set_costs_nobody_a_text_and_nobody_gets_two() -> None:
    fewer = ("--kills", "8", "--freezes", "1", "--flushes", "1", "--stops", "40", "--starts", "1")
    code, report = storm("--embedded", "--members", "1000", "--seed", "1", *fewer)

    assert (code, broken(report)) == (0, {}), report
    assert report["faults"]["kill"] == 8


@embedded
def test_the_usual_loop_texts_people_twice_under_the_same_faults() -> None:
    calm = ("--calm", "--kills", "8", "--rough", "3")
    code, report = storm("--naive", "--embedded", "--members", "400", *calm)

    assert code == 1
    assert report["invariants"]["I1 no repeat"]["evidence"]["repeats"] > 0


@embedded
def test_a_sweep_falls_in_every_way() -> None:
    """Of the places, one: every place falls once in test_points, and all of it by `--sweep`."""
    code, report = storm("--embedded", "--sweep", "permitted")

    assert (code, report["wrong"]) == (0, [])
    assert min(report["figures"][how] for how in ("KILL", "TERM", "STOP")) >= 2
