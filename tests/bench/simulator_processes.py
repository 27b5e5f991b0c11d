"""The processes of the simulator's bench: the receiver of callbacks, and the simulator itself."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.bench.simulator_receiver import receive
from tests.simulator.conftest import free_port

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
def simulator(callbacks_to: str) -> Iterator[tuple[int, float]]:
    """Its port, with a sender and callbacks asked for; the seconds its large fixture took."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "vibes.simulator"],
            env=os.environ
            | {
                "SIM_PORT": str(port),
                "SIM_DATABASE": f"{folder}/simulator.sqlite3",
                "SIM_TOKEN": TOKEN,
                "SIM_LATENCY_MS": "0",
                "SIM_TIME_SCALE": "0",
                "SIM_CALLBACK_ALLOW": callbacks_to,
            },
            stdout=subprocess.DEVNULL,
        )
        try:
            yield port, _prepare(port, callbacks_to)
        finally:
            process.terminate()
            process.wait(10)


def _prepare(port: int, callbacks_to: str) -> float:
    wait(lambda: control(port, "GET", "clock"))
    began = time.perf_counter()
    control(port, "POST", "reset", {"fixture": "large"})
    setting_up = time.perf_counter() - began
    control(port, "PUT", "settings", {"rate_limit_events": 0})
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
    return setting_up


def control(port: int, method: str, path: str, body: object = None) -> Any:
    answer = requests.request(
        method,
        f"http://127.0.0.1:{port}/_sim/{path}",
        json=body,
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=LONGEST_WAIT_S,
    )
    return answer.json()


def wait(condition: Callable[[], object]) -> float:
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
