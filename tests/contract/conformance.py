"""Schemathesis against a simulator of its own, in strict mode: one pass over the whole profile."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.simulator.conftest import Simulator, free_port

HERE = Path(__file__).parent
PROFILE = HERE / "vibes-platform.profile.openapi.json"
SETTINGS = HERE / "schemathesis.toml"
OPERATIONS = 33
NOWHERE = "http://127.0.0.1:9"
"""Where callbacks may go: they go nowhere, since nobody registers this address."""


@dataclass(frozen=True)
class Pass:
    """What came of one pass."""

    seed: int
    operations: int
    cases: int
    failures: int
    is_complete: bool
    seconds: float
    output: str

    @property
    def is_clean(self) -> bool:
        """Every operation tried, every phase gone through, nothing found."""
        return self.is_complete and self.operations == OPERATIONS and self.failures == 0


@contextmanager
def strict_simulator(folder: Path, **settings: object) -> Iterator[Simulator]:
    """Fresh, with the published spelling demanded and no limit of rate."""
    simulator = Simulator(free_port(), folder / "simulator.sqlite3", NOWHERE)
    try:
        simulator.start()
        simulator.set(strict=True, rate_limit_events=0, rate_limit_other=0, **settings)
        yield simulator
    finally:
        simulator.stop()


def try_all(simulator: Simulator, folder: Path, *, seed: int, options: list[str]) -> Pass:
    """Examples, coverage, fuzzing and stateful phases; ``folder`` takes what the tool leaves."""
    report = folder / "report.json"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS)),
            *("run", str(PROFILE), "--url", simulator.home, "--auth", "demo:demo"),
            *("--seed", str(seed), "--generation-database", "none", "--no-color"),
            *("--continue-on-failure", "--report-json-path", str(report), *options),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(report.read_text()) if report.exists() else {}
    return _read(found, seed, run.stdout + run.stderr)


def _read(report: dict[str, Any], seed: int, output: str) -> Pass:
    cases, phases = report.get("test_cases", {}), report.get("phases", {})
    statuses = {phase["status"] for phase in phases.values()}
    errors = len(report.get("errors", [])) + cases.get("errored", 0)
    return Pass(
        seed=seed,
        operations=report.get("operations", {}).get("tested", 0),
        cases=cases.get("generated", 0),
        failures=cases.get("unique_failures", 0) + errors,
        is_complete=report.get("exit_code") == 0 and statuses == {"success"},
        seconds=round(report.get("running_time", 0), 1),
        output=output,
    )
