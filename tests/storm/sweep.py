"""`make storm ARGS="--sweep"`: fall at every named place, in every way, and see that nothing depends on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from config.processes import ROOT
from tests.vibes.pretend import TOKEN, Simulator

from .servers import Postgres, running

# Whoever is frozen for a second has overslept its permission.
SCALED = {"SEND_PERMIT_SECONDS": "0.5", "SEND_SLOTS": "4"}


def sweep(folder: Path, *, embedded: bool, places: Sequence[str] = ()) -> dict[str, Any]:
    """The report of all cases; `ok` when each fell where it was to fall and nothing was wrong after."""
    began, cases = time.monotonic(), list[dict[str, Any]]()
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/sweep.sqlite3"
        if not embedded:
            database = Postgres(folder)
            database.set_up()
            stack.enter_context(running(database))
            url = database.url
        simulator = Simulator(folder)
        stack.callback(simulator.stop)
        simulator.wait()
        simulator.reset()
        for case in _cases(url, simulator, folder, ["--every", *places]):
            cases.append(case)
    return _report(cases, round(time.monotonic() - began, 1))


def _cases(
    url: str, simulator: Simulator, folder: Path, arguments: Sequence[str]
) -> Iterator[dict[str, Any]]:
    surroundings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": url,
        "REDIS_URL": "",
        "SIM_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "tests.crash.points", simulator.url, *arguments]
    with (
        (folder / "said.log").open("w") as said,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | surroundings | SCALED,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as running_,
    ):
        assert running_.stdout is not None  # asked for above
        yield from (json.loads(line) for line in running_.stdout if line.startswith("{"))
    if running_.returncode:
        raise RuntimeError((folder / "said.log").read_text()[-4_000:])


def _report(cases: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    wrong = [each for each in cases if each["faults"] or not each["died"]]
    ways = Counter(each["how"] for each in cases)
    return {
        "name": "sweep",
        "figures": {"cases": len(cases), "seconds": seconds, **ways},
        "places": sorted({each["point"] for each in cases}),
        "wrong": wrong,
        "ok": bool(cases) and not wrong,
    }
