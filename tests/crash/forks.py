"""Deeds in processes of their own, that may be killed, ended, frozen or cut off in the middle."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connections

from people import crashpoint

Deed = Callable[[], object]
NEVER = 10**9  # so often no place is reached
ENDED = 128 + signal.SIGTERM


def ask(deed: Callable[[], Any]) -> Any:
    """What a deed answers (plain values), done in a child, so that this process stays clean of connections."""
    with tempfile.NamedTemporaryFile("r") as told:

        def say() -> None:
            Path(told.name).write_text(json.dumps(deed()))

        if ended_with := status(say):
            raise RuntimeError(f"A child ended with {ended_with}.")
        return json.load(told)


def reached(deed: Deed, *, at: crashpoint.Point) -> int:
    """How many times a deed comes to a place when nothing befalls it there."""

    def count() -> int:
        crashpoint.arm(at, NEVER)
        deed()
        return NEVER - crashpoint.left()

    return int(ask(count))


def died(deed: Deed, *, at: crashpoint.Point, nth: int = 1) -> bool:
    """Do it in a child that is killed at this place; whether it came there."""
    return _end_of(_fork(_armed(deed, at, nth, "KILL"))) == -signal.SIGKILL


def ended(deed: Deed, *, at: crashpoint.Point, nth: int = 1) -> bool:
    """The same with SIGTERM, which ends a worker's process by SystemExit wherever it is."""

    def until_asked() -> None:
        signal.signal(signal.SIGTERM, _leave)
        _armed(deed, at, nth, "TERM")()

    return _end_of(_fork(until_asked)) == ENDED


def frozen(
    deed: Deed, *, at: crashpoint.Point, nth: int = 1, meanwhile: Deed, seconds: float
) -> bool:
    """The same with SIGSTOP, for so long at least; others do what they do `meanwhile`, and both go on.

    Whoever is frozen in a transaction may hold what the others need, so they are not waited for to the end.
    """
    pid = _fork(_armed(deed, at, nth, "STOP"))
    if not _comes_to_a_stop(pid):
        return False
    others, ends = _fork(meanwhile), time.monotonic() + seconds
    is_over = False
    while time.monotonic() < ends:
        is_over = is_over or os.waitpid(others, os.WNOHANG)[0] == others
        time.sleep(0.02)
    os.kill(pid, signal.SIGCONT)
    _end_of(pid)
    if not is_over:
        _end_of(others)
    return True


def _armed(deed: Deed, at: crashpoint.Point, nth: int, how: str) -> Deed:
    def armed() -> None:
        crashpoint.arm(at, nth, how)
        deed()

    return armed


def status(deed: Deed) -> int:
    """The exit code of a child that does this; negative: the signal that killed it."""
    return _end_of(_fork(deed))


def _leave(*_: object) -> None:
    sys.exit(ENDED)


def _fork(deed: Deed) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            _forget_inherited_connections()
            deed()
        except SystemExit as leaves:
            os._exit(int(leaves.code or 0))
        except BaseException:  # noqa: BLE001  # whatever it is, the child ends here
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    return pid


_inherited: list[object] = []


def _forget_inherited_connections() -> None:
    """Leave the parent's connections alone: a child that is killed must take only its own with it.

    Closing them beforehand is not enough where a browser runs in the parent. Its event loop gives
    the parent a set of connections of its own, and a child, which has no loop, finds the other set.
    They are kept, not closed: closing would end the parent's session at the server.
    """
    for connection in connections.all(initialized_only=True):
        _inherited.append(connection.connection)
        connection.connection = None


def _comes_to_a_stop(pid: int) -> bool:
    """Whether a child stopped itself, rather than that it ended."""
    return os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])


def _end_of(pid: int) -> int:
    """The exit code of a child; negative: the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
