import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.readiness import wait_for
from config.supervisor import Program, Supervisor

LIVES = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {LIVES}"
POLITE = f"import signal; signal.signal(signal.SIGTERM, lambda *_: exit('bye')); {LIVES}"
PARENT = (
    "import subprocess, time;"
    "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
)


@pytest.fixture
def lines() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def supervisor(lines: list[tuple[str, str]]) -> Iterator[Supervisor]:
    running = Supervisor(say=lambda *line: lines.append(line), first_pause=0.1, longest_pause=0.4)
    yield running
    running.kill()


def program(name: str, code: str = LIVES, *, stop_seconds: float = 5) -> Program:
    return Program(name, [sys.executable, "-c", code], os.environ, Path(), stop_seconds)


def until(question: Callable[[], bool], *, meanwhile: Callable[[], object] = bool) -> None:
    assert wait_for(question, seconds=10, meanwhile=meanwhile)


def is_running(pid: int) -> bool:
    """Whether `pid` is there and no zombie."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return state.stdout.strip()[:1] not in (b"", b"Z")


def test_every_line_carries_the_name_of_its_process(
    supervisor: Supervisor, lines: list[tuple[str, str]]
) -> None:
    supervisor.start(program("one"))
    supervisor.start(program("two"))

    until(lambda: sorted(lines) == [("one", "up"), ("two", "up")])


def test_a_killed_child_is_started_again(
    supervisor: Supervisor, lines: list[tuple[str, str]]
) -> None:
    child = supervisor.start(program("worker"))
    first = child.pid
    assert first
    os.kill(first, signal.SIGKILL)

    until(lambda: child.is_alive() and child.pid != first, meanwhile=supervisor.look_after)
    assert ("worker", "ended by itself; starting it again in 0.1 s") in lines


def test_one_that_dies_at_once_is_started_less_and_less_often(
    supervisor: Supervisor, lines: list[tuple[str, str]]
) -> None:
    supervisor.start(program("broken", "raise SystemExit(1)"))

    until(lambda: len(lines) == 4, meanwhile=supervisor.look_after)
    assert [line.rpartition(" in ")[2] for _, line in lines] == ["0.1 s", "0.2 s", "0.4 s", "0.4 s"]


def test_stops_one_after_the_other_the_last_started_first(
    supervisor: Supervisor, lines: list[tuple[str, str]]
) -> None:
    for name in ("broker", "worker", "web"):
        supervisor.start(program(name, POLITE))
    until(lambda: len(lines) == 3)

    supervisor.stop()

    until(lambda: lines[3:] == [("web", "bye"), ("worker", "bye"), ("broker", "bye")])


def test_kills_one_that_will_not_stop(supervisor: Supervisor, lines: list[tuple[str, str]]) -> None:
    child = supervisor.start(program("stubborn", STUBBORN, stop_seconds=0.3))
    until(lambda: ("stubborn", "up") in lines)
    began = time.monotonic()

    supervisor.stop()

    assert not child.is_alive()
    assert 0.3 <= time.monotonic() - began < 3


def test_kills_the_children_of_a_child_too(
    supervisor: Supervisor, lines: list[tuple[str, str]]
) -> None:
    child = supervisor.start(program("parent", PARENT))
    until(lambda: bool(lines))
    grandchild = int(lines[0][1])
    assert is_running(grandchild)

    child.kill()

    until(lambda: not is_running(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_leaves_nobody_when_the_supervisor_itself_is_killed() -> None:
    code = """
import os, sys, time
from pathlib import Path
from config.supervisor import Program, Supervisor
child = Supervisor(say=print).start(Program("c", ["sleep", "60"], os.environ, Path(), 5))
print(child.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()

    until(lambda: not is_running(child))
