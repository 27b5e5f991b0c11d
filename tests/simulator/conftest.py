"""The real simulator process on a free port, and an address that receives its callbacks."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator.receiver import Receiver

TOKEN = "control"
LONGEST_WAIT_S = 10


@dataclass
class Simulator:
    """A running simulator: its Vibes API, and its controls."""

    port: int
    database: Path
    callbacks_to: str
    process: subprocess.Popen[bytes] | None = None
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = os.environ | {
            "SIM_PORT": str(self.port),
            "SIM_DATABASE": str(self.database),
            "SIM_TOKEN": TOKEN,
            "SIM_CALLBACK_ALLOW": self.callbacks_to,
            "SIM_LATENCY_MS": "0",
            "SIM_TIME_SCALE": "0",
        }
        self.process = subprocess.Popen([sys.executable, "-m", "vibes.simulator"], env=environment)
        wait_for(self._answers)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Seconds it took."""
        if self.process is None:
            return 0
        began = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(LONGEST_WAIT_S)
        self.process = None
        return time.monotonic() - began

    def call(self, method: str, path: str, json: object = None, **more: Any) -> requests.Response:
        """Call the Vibes API as the demo account, version 2."""
        given: dict[str, Any] = {
            "auth": ("demo", "demo"),
            "headers": {"X-API-Version": "2"},
            "timeout": 10,
        }
        address = f"{self.home}/companies/DEMO0001/{path}"
        return self.session.request(method, address, json=json, **(given | more))

    def get(self, path: str, **params: str) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, json: object) -> requests.Response:
        return self.call("POST", path, json)

    def control(self, method: str, path: str, json: object = None) -> Any:
        """Call one of the controls; the body of its answer."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        address = f"{self.home}/_sim/{path}"
        answer = self.session.request(method, address, json=json, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def settle(self) -> None:
        """Wait until nothing is due and no callback is owed."""
        wait_for(lambda: self.control("GET", "clock")["idle"])

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock/advance", {"seconds": seconds})

    def set(self, **settings: object) -> None:
        self.control("PUT", "settings", settings)

    def seed(self, **world: object) -> Any:
        return self.control("PUT", "world", world)

    def subscribe(self, mdn: str, *, list_id: str = "1234") -> None:
        self.seed(memberships=[{"mdn": mdn, "list_id": list_id, "state": "subscribed"}])

    def says(self, mdn: str, text: str, **more: str) -> Any:
        """The phone sends a text; what followed."""
        return self.control("POST", f"handsets/{mdn}/messages", {"text": text} | more)

    def texts(self, mdn: str) -> list[str]:
        """What the phone received, oldest first."""
        messages = self.control("GET", f"handsets/{mdn}/messages")["messages"]
        return [message["text"] for message in messages if message["direction"] == "in"]

    def standing(self, mdn: str) -> dict[str, str]:
        found = self.control("GET", f"memberships?mdn=%2B{mdn[1:]}")["memberships"]
        return {place["list_id"]: place["state"] for place in found}

    def ledger(self) -> list[Any]:
        events: list[Any] = self.control("GET", "ledger")["events"]
        return events

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.home}/_sim/", timeout=1).ok
        except requests.RequestException:
            return False


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + LONGEST_WAIT_S
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)


@contextmanager
def _run(simulator: Simulator) -> Iterator[None]:
    try:
        simulator.start()
        yield
    finally:
        simulator.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def address() -> Iterator[Receiver]:
    with Receiver.listening() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def running(address: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    database = tmp_path_factory.mktemp("simulator") / "simulator.sqlite3"
    simulator = Simulator(free_port(), database, address.url)
    with _run(simulator):
        yield simulator


@pytest.fixture
def simulator(running: Simulator, address: Receiver) -> Simulator:
    """Fresh: the demonstration fixture, no registrations, nothing received."""
    running.control("POST", "reset", {"fixture": "demo"})
    running.set(rate_limit_other=0)
    running.settle()  # what was on its way to us
    address.clear()
    return running


@pytest.fixture
def receiver(simulator: Simulator, address: Receiver) -> Receiver:
    """Where callbacks arrive, clear of those of the test before."""
    return address


@pytest.fixture
def other(running: Simulator, tmp_path: Path) -> Iterator[Simulator]:
    """A second simulator, for tests that stop it."""
    second = Simulator(free_port(), tmp_path / "other.sqlite3", running.callbacks_to)
    with _run(second):
        yield second
