"""Questions to `tests.crash.world`, put to one process that stays: to begin one takes seconds of a processor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from config.processes import ROOT


class Asker:
    """A process in the surroundings of a site. It is begun with the first question, and again once stopped."""

    def __init__(self, surroundings: Mapping[str, str]) -> None:
        self._surroundings = surroundings
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: str, *arguments: str) -> Any:
        """The answer. Raises RuntimeError with what went wrong there."""
        process = self._process = self._process or self._begin()
        assert process.stdin is not None
        assert process.stdout is not None
        print(json.dumps([question, *arguments]), file=process.stdin, flush=True)
        for line in process.stdout:
            if line.startswith(ANSWER):
                told = json.loads(line.removeprefix(ANSWER))
                if "wrong" in told:
                    raise RuntimeError(f"{question} failed:\n{told['wrong']}")
                return told["answer"]
        self.stop()
        raise RuntimeError(f"{question} failed: the process ended.")

    def stop(self) -> None:
        if self._process:
            process, self._process = self._process, None
            process.kill()
            process.communicate()

    def _begin(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.crash.world"]
        return subprocess.Popen(
            command,
            env=self._surroundings,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


ANSWER = "answer: "  # how a line begins that is one
