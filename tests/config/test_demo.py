"""The one command, as a newcomer runs it: on a folder of its own, with ports of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from config.ports import free_port
from config.processes import ROOT
from config.readiness import answers, wait_for

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the demo is about the embedded set"),
]


class Demo:
    """A running demo, its lines, and its address."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.surroundings = os.environ | {
            "VAR_DIR": str(folder),
            "PORT": str(port),
            "SIM_PORT": str(free_port()),
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "DATABASE_URL": f"sqlite:///{folder}/ringdove.sqlite3",
            "PUBLIC_URL": self.url,
        }
        self.command = [sys.executable, str(ROOT / "manage.py"), "demo"]
        self.log = folder / "demo.log"
        self.process = subprocess.Popen(
            self.command, env=self.surroundings, stdout=self.log.open("w"), stderr=subprocess.STDOUT
        )

    def says(self, words: str) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return words in self.log.read_text()

    def children(self) -> list[tuple[int, str]]:
        """Process id and command of everything the demo started."""
        asked = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)]
        lines = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        pairs = (line.strip().partition(" ") for line in lines.splitlines())
        return [(int(pid), command) for pid, _, command in pairs]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all tests here; the last of them ends it."""
    running = Demo(tmp_path_factory.mktemp("demo"))
    try:
        assert wait_for(lambda: running.says("is ready"), seconds=180), running.log.read_text()
        yield running
    finally:
        running.process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="ps is asked in Linux's way")
def test_a_demo_answers_revives_its_worker_refuses_a_second_and_leaves_nobody(demo: Demo) -> None:
    assert answers(f"{demo.url}/healthz")

    worker = next(pid for pid, command in demo.children() if " worker-" in command)
    os.kill(worker, signal.SIGKILL)
    assert wait_for(lambda: demo.says("worker    | ended by itself"), seconds=10)
    assert wait_for(
        lambda: any(" worker-" in each and pid != worker for pid, each in demo.children()),
        seconds=10,
    )

    second = subprocess.run(
        demo.command, env=demo.surroundings, capture_output=True, text=True, check=False
    )
    assert (second.returncode, "The demo runs already" in second.stderr) == (1, True)

    children = demo.children()
    assert len(children) == 6
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(60) == 0
    assert [pid for pid, _ in children if Path(f"/proc/{pid}").exists()] == []
