"""`make bench NAME=simulator ARGS="--json"`: events into the simulator, four callbacks out for each.

The simulator runs as its own process with its large fixture and no latency; so do the load
generator and the receiver of the callbacks, which do next to nothing. The figures: events a
second that were answered, the share of 202, callbacks a second, milliseconds of a POST, and how
long the callbacks still owed took when the events stopped.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.bench.simulator_load import Sent, load
from tests.bench.simulator_receiver import receive
from tests.simulator.conftest import free_port

RATE = 300.0  # events a second that must be kept up
DRAIN_LIMIT_S = 5.0  # callbacks still owed at the end may take so long
OFFERED = 1.01  # a little more than the bar, for no generator keeps time exactly
CALLBACKS_EACH = 4
TOKEN = "for-the-bench"
LONGEST_WAIT_S = 60
PROCESSES = multiprocessing.get_context("spawn")
SENDER = {
    "name": "Bench",
    "event_type": "bench_1234",
    "start_date": "2026-01-01",
    "targeting": {
        "channel": "sms",
        "message_template": "{{ ev.message_body }}",
        "shorten_urls": False,
        "sms": {"sourcecode": "65301", "country_code": "1", "sourcecode_type": "SC"},
        "filters": [{"name": "subscription", "selector": "any", "value": [1234]}],
    },
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=RATE, help="events a second")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args()
    with receiver() as (to, counted), simulator(to) as port:
        report = _report(measure(port, counted, options.rate, options.seconds), options.rate)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


@contextmanager
def receiver() -> Iterator[tuple[str, Any]]:
    """(the address, the count of callbacks so far)."""
    ports: Any = PROCESSES.Queue()
    counted = PROCESSES.Value("q", 0)
    process = PROCESSES.Process(target=receive, args=(ports, counted), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ports.get(timeout=LONGEST_WAIT_S)}", counted
    finally:
        process.terminate()
        process.join()


@contextmanager
def simulator(callbacks_to: str) -> Iterator[int]:
    """The simulator's port, with a sender for the bench and its callbacks asked for."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "vibes.simulator"],
            env=os.environ
            | {
                "SIM_PORT": str(port),
                "SIM_DATABASE": f"{folder}/simulator.sqlite3",
                "SIM_TOKEN": TOKEN,
                "SIM_FIXTURE": "large",
                "SIM_LATENCY_MS": "0",
                "SIM_TIME_SCALE": "0",
                "SIM_CALLBACK_ALLOW": callbacks_to,
            },
            stdout=subprocess.DEVNULL,
        )
        try:
            _prepare(port, callbacks_to)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _prepare(port: int, callbacks_to: str) -> None:
    _wait(lambda: _control(port, "GET", "clock"))
    _control(port, "PUT", "settings", {"rate_limit_events": 0})
    home = f"http://127.0.0.1:{port}/companies/DEMO0001"
    wanted = {"callback_type": "event_processed", "event_processed": {"callbacks_to_send": "all"}}
    destination = {"url": f"{callbacks_to}/callbacks", "method": "POST"}
    destination |= {"content_type": "application/json"}
    for path, body in (
        ("mobiledb/event_triggered_messages", SENDER),
        ("config/callbacks/", wanted | {"destination": destination}),
    ):
        answer = requests.post(
            f"{home}/{path}",
            json=body,
            auth=("demo", "demo"),
            headers={"X-API-Version": "2"},
            timeout=10,
        )
        assert answer.ok, answer.text


def _control(port: int, method: str, path: str, body: object = None) -> Any:
    answer = requests.request(
        method,
        f"http://127.0.0.1:{port}/_sim/{path}",
        json=body,
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=LONGEST_WAIT_S,
    )
    return answer.json()


def _wait(condition: Any) -> float:
    """Seconds until it held."""
    began = time.perf_counter()
    while time.perf_counter() < began + LONGEST_WAIT_S:
        try:
            if condition():
                return time.perf_counter() - began
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise TimeoutError("waited too long")


def measure(port: int, counted: Any, rate: float, seconds: float) -> dict[str, float]:
    """Send for so many seconds, then wait for the callbacks still owed."""
    results: Any = PROCESSES.Queue()
    args = (port, rate * OFFERED, seconds, results)
    process = PROCESSES.Process(target=load, args=args, daemon=True)
    process.start()
    sent: Sent = results.get(timeout=seconds + LONGEST_WAIT_S)
    arrived, backlog = counted.value, _control(port, "GET", "clock")["backlog"]
    drained = _wait(lambda: _control(port, "GET", "clock")["idle"])
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
