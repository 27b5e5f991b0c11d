"""Keep a handful of processes running, and stop them in order. Knows nothing of what they do."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Found before any fork: nothing may be imported or allocated between fork and exec.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
LAST_LINES = 2  # seconds for reading them, where a grandchild that lives on holds the pipe
Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Program:
    """What to run: its short name, its command, and how long it may take to stop."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    stop_seconds: float = 10


class Process:
    """One program, started, killed and started again; its lines go to `say(name, line)`."""

    def __init__(self, program: Program, *, say: Say) -> None:
        self.program = program
        self._say = say
        self._running: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.started_at = 0.0

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running else None

    def is_alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        """Start it in a session of its own, so that a Ctrl-C in the terminal is ours alone.

        On Linux it ends with the thread that called this, even when that is killed.
        """
        self.started_at = time.monotonic()
        self._running = subprocess.Popen(
            self.program.command,
            cwd=self.program.folder,
            env=dict(self.program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  # one system call, prepared above
        )
        self._reader = threading.Thread(target=self._pump, args=[self._running], daemon=True)
        self._reader.start()

    def ask_to_stop(self) -> None:
        if self._running and self.is_alive():
            self._running.terminate()

    def kill(self) -> None:
        """Kill -9, with every process it started itself; return when it is gone."""
        if self._running is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()

    def stop(self) -> None:
        """Ask, wait as long as the program may take, then kill what is left; its last lines are said."""
        self.ask_to_stop()
        self.wait(self.program.stop_seconds)
        self.kill()
        if self._reader:
            self._reader.join(LAST_LINES)

    def wait(self, seconds: float) -> int | None:
        """Its exit code, or None when it still runs after `seconds`."""
        try:
            return self._running.wait(seconds) if self._running else None
        except subprocess.TimeoutExpired:
            return None

    def _pump(self, running: "subprocess.Popen[str]") -> None:
        assert running.stdout is not None  # asked for in start()
        with running.stdout as lines:
            for line in lines:
                self._say(self.program.name, line.rstrip("\n"))


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Supervisor:
    """Start programs in the given order, start the dead again, stop all in the reverse order."""

    say: Say
    processes: list[Process] = field(default_factory=list)
    first_pause: float = 1
    longest_pause: float = 30
    _pauses: dict[str, float] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)

    def start(self, program: Program) -> Process:
        process = Process(program, say=self.say)
        process.start()
        self.processes.append(process)
        return process

    def look_after(self) -> None:
        """One look at all: whoever died is started again, after a pause that doubles each time."""
        for process in self.processes:
            if not process.is_alive():
                self._revive(process, now=time.monotonic())

    def _revive(self, process: Process, *, now: float) -> None:
        name = process.program.name
        if name not in self._due:
            lived_long = now - process.started_at > 2 * self.longest_pause
            last = 0 if lived_long else self._pauses.get(name, 0)
            pause = min(max(last * 2, self.first_pause), self.longest_pause)
            self._pauses[name], self._due[name] = pause, now + pause
            self.say(name, f"ended by itself; starting it again in {pause:g} s")
        elif now >= self._due[name]:
            del self._due[name]
            process.kill()  # what it left behind
            process.start()

    def stop(self) -> None:
        """Stop one after the other, the last started first."""
        for process in reversed(self.processes):
            process.stop()

    def kill(self) -> None:
        """Stop everything at once."""
        for process in self.processes:
            process.kill()
