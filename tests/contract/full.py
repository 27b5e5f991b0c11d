"""`make contract`: the simulator against the whole profile, at length, and every other contract test.

Two passes as the specification of the simulator has them (seeds 1 and 2), and a third that speaks
version 2 of the API and chooses the other documented shapes, to come past the refusals of version 1.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.contract.conformance import OPERATIONS, Pass, strict_simulator, try_all

FEWEST_CASES = 3_000
TESTS = [
    "tests/contract",
    *(f"tests/simulator/test_{name}.py" for name in ("contract", "examples", "callbacks", "wire")),
]
BOUNDED = "tests/contract/test_simulator_conforms.py"  # the passes here are the same, only longer
COUNTS = re.compile(r"(\d+) (passed|failed|error|skipped)")
Bar = dict[str, object]


@dataclass(frozen=True)
class Plan:
    """One pass: its seed, how the simulator is set, how Schemathesis is."""

    name: str
    seed: int
    settings: dict[str, object] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)


PLANS = (
    Plan("seed_1", 1),
    Plan("seed_2", 2),
    Plan(
        "seed_3_version_2_other_shapes",
        3,
        {
            "person_search": "array",
            "subscription_status": "object",
            "status_style": "documented200",
        },
        ["--header", "X-API-Version: 2"],
    ),
)


def main() -> int:
    options = _options()
    passes = {plan.name: _try(plan) for plan in PLANS}
    counts = _run_tests()
    report = _report(passes, counts)
    _say(json.dumps(report) if options.json else _verdict(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _try(plan: Plan) -> Pass:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with strict_simulator(folder, **plan.settings) as simulator:
            tried = try_all(simulator, folder, seed=plan.seed, options=plan.options)
    if not tried.is_clean:
        _say(tried.output)
    _say(
        f"{plan.name}: {tried.cases:,} cases over {tried.operations} operations,"
        f" {tried.failures} failures ({tried.seconds:.0f} s)"
    )
    return tried


def _run_tests() -> Counter[str]:
    """How many of the other contract tests passed, failed, …; their output is shown."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", *TESTS, "--ignore", BOUNDED]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    _say(run.stdout.strip())
    last = run.stdout.strip().rpartition("\n")[2]
    counts = Counter({word: int(number) for number, word in COUNTS.findall(last)})
    if run.returncode and not counts["failed"]:
        counts["error"] += 1
    return counts


def _report(passes: dict[str, Pass], counts: Counter[str]) -> dict[str, object]:
    figures: dict[str, object] = {"operations": OPERATIONS}
    bars: dict[str, Bar] = {}
    for name, tried in passes.items():
        whole = {"cases": tried.cases, "failures": tried.failures, "seconds": tried.seconds}
        figures |= {f"{what}_{name}": value for what, value in whole.items()}
        bars[f"failures_{name}"] = _at_most(tried.failures + (not tried.is_clean), 0)
        bars[f"operations_{name}"] = _at_least(tried.operations, OPERATIONS)
        bars[f"cases_{name}"] = _at_least(tried.cases, FEWEST_CASES)
    figures |= {f"tests_{word}": counts[word] for word in ("passed", "failed", "error", "skipped")}
    bars["tests_not_passed"] = _at_most(counts["failed"] + counts["error"], 0)
    bars["tests_passed"] = _at_least(counts["passed"], 1)
    return {
        "name": "contract",
        "figures": figures,
        "bars": bars,
        "ok": all(bar["ok"] for bar in bars.values()),
    }


def _at_most(value: int, limit: int) -> Bar:
    return {"value": value, "limit": limit, "ok": value <= limit}


def _at_least(value: int, limit: int) -> Bar:
    return {"value": value, "limit": limit, "ok": value >= limit}


def _verdict(report: dict[str, object]) -> str:
    bars = report["bars"]
    assert isinstance(bars, dict)
    missed = [f"missed: {name} {bar}" for name, bar in bars.items() if not bar["ok"]]
    return "\n".join(missed) or "The contract is kept."


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
