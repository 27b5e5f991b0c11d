"""The simulator as a real process, and its controls, as tests need them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

TOKEN = "for-tests"
START_SECONDS = 20
WHEN = ("nth", "count", "every", "probability", "after_s", "until_s")


class Simulator:
    """One running simulator. `put`, `post`, `get` speak to its `/_sim/` routes."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {TOKEN}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vibes.simulator"],
            env=os.environ | _environment(self.port, folder),
            stdout=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            try:
                self.get("clock")
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("The simulator did not start.")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    # --- Controls ----------------------------------------------------------------------------

    def reset(self, **settings: Any) -> None:
        """The demonstration's lists and campaigns, nobody in them, no faults."""
        self.post("reset", {"fixture": "demo"})
        if settings:
            self.put("settings", settings)

    def settle(self) -> None:
        """Wait until everything that is due has happened and every callback was delivered."""
        ends = time.monotonic() + START_SECONDS
        while not self.get("clock")["idle"]:
            if time.monotonic() > ends:
                raise TimeoutError("The simulator does not come to rest.")
            time.sleep(0.02)

    def fault(self, action: str, *, path: str = "", **more: Any) -> None:
        """The next matching calls go wrong: `fault("status", status=500, path="events")`."""
        when = {name: more.pop(name) for name in WHEN if name in more}
        match = {"path": path} if path else {}
        match |= {"method": more.pop("method")} if "method" in more else {}
        self.post("faults", {"match": match, "when": when, "action": {"type": action} | more})

    def members(self, list_id: str, *mobiles: str, state: str = "subscribed") -> None:
        standing = [{"mdn": each, "list_id": list_id, "state": state} for each in mobiles]
        self.put("world", {"memberships": standing})

    def texts(self, mobile: str, text: str) -> None:
        """The phone sends a text."""
        self.post(f"handsets/{mobile}/messages", {"text": text})

    def memberships(self, list_id: str) -> dict[str, str]:
        found = self.get(f"memberships?list_id={list_id}")["memberships"]
        return {each["mdn"]: each["state"] for each in found}

    def requests(self) -> list[dict[str, Any]]:
        return list(self.get("requests")["requests"])

    def ledger(self) -> list[dict[str, Any]]:
        return list(self.get("ledger")["events"])

    def get(self, path: str) -> Any:
        return self._call("GET", path, None)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("PUT", path, body)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("POST", path, body)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path, None)

    def now(self) -> datetime:
        """The simulator's own time."""
        return datetime.fromisoformat(self.get("clock")["now"])

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        answer = self.session.request(method, f"{self.url}/_sim/{path}", json=body, timeout=20)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


def _environment(port: int, folder: Path) -> dict[str, str]:
    return {
        "SIM_PORT": str(port),
        "SIM_DATABASE": str(folder / "simulator.sqlite3"),
        "SIM_TOKEN": TOKEN,
        "SIM_LATENCY_MS": "0",
        "SIM_TIME_SCALE": "0",
        "SIM_CALLBACK_ALLOW": "",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
