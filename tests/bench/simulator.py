"""`make bench NAME=simulator ARGS="--json"`: events into the simulator, four callbacks out for each.

The simulator runs as its own process with its large fixture and no latency; so do the load
generator and the receiver of the callbacks, which do next to nothing. The figures: events a
second that were answered, the share of 202, callbacks a second, milliseconds of a POST, and how
long the callbacks still owed took when the events stopped.
"""

import argparse
import json
import sys
from typing import Any

from tests.bench.simulator_load import Sent, load
from tests.bench.simulator_processes import (
    LONGEST_WAIT_S,
    PROCESSES,
    control,
    receiver,
    simulator,
    wait,
)

RATE = 300.0  # events a second that must be kept up
FIXTURE_LIMIT_S = 10.0  # setting up a hundred thousand members
DRAIN_LIMIT_S = 5.0  # callbacks still owed at the end may take so long
OFFERED = 1.01  # a little more than the bar, for no generator keeps time exactly
CALLBACKS_EACH = 4


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=RATE, help="events a second")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args()
    with receiver() as (to, counted), simulator(to) as (port, setting_up):
        figures = measure(port, counted, options.rate, options.seconds)
    report = _report(figures | {"large_fixture_seconds": round(setting_up, 1)}, options.rate)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def measure(port: int, counted: Any, rate: float, seconds: float) -> dict[str, float]:
    """Send for so many seconds, then wait for the callbacks still owed."""
    results: Any = PROCESSES.Queue()
    args = (port, rate * OFFERED, seconds, results)
    process = PROCESSES.Process(target=load, args=args, daemon=True)
    process.start()
    sent: Sent = results.get(timeout=seconds + LONGEST_WAIT_S)
    arrived, backlog = counted.value, control(port, "GET", "clock")["backlog"]
    drained = wait(lambda: control(port, "GET", "clock")["idle"])
    process.join()
    accepted = sent.statuses.get(202, 0)
    return {
        "seconds": round(sent.seconds, 1),
        "events": len(sent.took),
        "events_a_second": round(accepted / sent.seconds, 1),
        "share_of_202": round(accepted / len(sent.took), 4),
        "callbacks_emitted_a_second": round((arrived + backlog["callbacks"]) / sent.seconds, 1),
        "callbacks_delivered_a_second": round(arrived / sent.seconds, 1),
        "callbacks_missing": CALLBACKS_EACH * accepted - counted.value,
        "post_p50_ms": round(sent.percentile(0.5) * 1000, 1),
        "post_p99_ms": round(sent.percentile(0.99) * 1000, 1),
        "backlog_jobs": backlog["due_jobs"],
        "backlog_callbacks": backlog["callbacks"],
        "drain_seconds": round(drained, 1),
    }


def _report(figures: dict[str, float], rate: float) -> dict[str, Any]:
    bars = {
        "events_a_second": _bar(figures["events_a_second"], at_least=rate),
        "share_of_202": _bar(figures["share_of_202"], at_least=1),
        "callbacks_missing": _bar(figures["callbacks_missing"], at_most=0),
        "drain_seconds": _bar(figures["drain_seconds"], at_most=DRAIN_LIMIT_S),
        "large_fixture_seconds": _bar(figures["large_fixture_seconds"], at_most=FIXTURE_LIMIT_S),
    }
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "simulator", "figures": figures, "bars": bars, "ok": ok}


def _bar(
    value: float, *, at_least: float | None = None, at_most: float | None = None
) -> dict[str, float | bool | None]:
    ok = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    return {"value": value, "limit": at_most if at_least is None else at_least, "ok": ok}


def _table(report: dict[str, Any]) -> str:
    return "\n".join(f"{name:30} {value:>12,}" for name, value in report["figures"].items())


if __name__ == "__main__":
    sys.exit(main())
