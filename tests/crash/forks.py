"""Deeds in processes of their own, that may be killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from people import crashpoint


def ask(deed: Callable[[], Any]) -> Any:
    """What a deed answers (plain values), done in a child, so that this process stays clean of connections."""
    with tempfile.NamedTemporaryFile("r") as told:

        def say() -> None:
            Path(told.name).write_text(json.dumps(deed()))

        if ended := status(say):
            raise RuntimeError(f"A child ended with {ended}.")
        return json.load(told)


def died(deed: Callable[[], object], *, at: crashpoint.Point, nth: int = 1) -> bool:
    """Do it in a child that dies at this place; whether it came there."""

    def armed() -> None:
        crashpoint.arm(at, nth)
        deed()

    return status(armed) == -signal.SIGKILL


def status(deed: Callable[[], object]) -> int:
    """The exit code of a child that does this; negative: the signal that killed it."""
    pid = os.fork()
    if pid == 0:
        try:
            deed()
        except BaseException:  # noqa: BLE001  # whatever it is, the child ends here
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
