"""`manage.py simulator`: the stand-in by itself, until Ctrl-C."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from config.ports import free_port
from config.processes import ROOT

COMMAND = [sys.executable, str(ROOT / "manage.py"), "simulator"]


@pytest.mark.timed
def test_it_says_where_its_page_is_answers_there_and_stops(tmp_path: Path) -> None:
    port, database = str(free_port()), str(tmp_path / "simulator.sqlite3")
    said = ["--port", port, "--scenario", "revoked", "--fixture", "empty", "--database", database]
    with subprocess.Popen([*COMMAND, *said], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        lists = f"http://127.0.0.1:{port}/companies/DEMO0001/mobiledb/subscription_lists/"
        answer = requests.get(lists, auth=("demo", "demo"), timeout=5)
        process.send_signal(signal.SIGINT)

    assert line == f"Vibes simulator: http://127.0.0.1:{port}/_sim/\n"
    assert answer.status_code == 401
    assert process.returncode == 0


def test_a_scenario_it_does_not_know_is_refused() -> None:
    refused = subprocess.run([*COMMAND, "--scenario", "flood"], capture_output=True, check=False)

    assert refused.returncode == 1
    assert b"choose one of calm, busy, storm" in refused.stderr


def test_by_itself_it_takes_no_arguments_and_says_so() -> None:
    command = [sys.executable, "-m", "vibes.simulator", "--port", "8377"]
    refused = subprocess.run(command, capture_output=True, check=False, timeout=10)

    assert refused.returncode == 1
    assert b"manage.py simulator" in refused.stderr
