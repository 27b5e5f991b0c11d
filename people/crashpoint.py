"""Named places where a test kills the process, to show that nothing depends on getting past them.

Nothing happens unless CRASH_AT names the place: `CRASH_AT=permitted` dies there at once,
`CRASH_AT=permitted:3` when it is reached for the third time, and `CRASH_AT=permitted:3:STOP` sends
itself SIGSTOP there instead of SIGKILL.
"""

from __future__ import annotations

import os
import signal
from typing import Final, Literal, get_args

Point = Literal[
    "slot-taken",  # a planned run begun, not committed
    "run-frozen",  # everybody is enrolled, not committed
    "cohort-begun",  # an attempt is counted, nothing else done
    "cohort-moved",  # moved on, nothing else done
    "cohort-advanced",  # all done, not committed
    "cohort-committed",
    "before-claim",
    "inside-claim",
    "claimed",
    "inside-permit",  # `sending` is written, not committed
    "permitted",  # committed, nothing has left
    "connected",
    "first-byte",  # the first bytes were handed to the socket
    "request-written",
    "response-read",
    "before-result",
    "inside-result",  # written, not committed
    "result-committed",
    "inside-sweep",  # abandoned rows found, nothing changed
    "callback-kept",
    "before-callback",  # about to be applied
    "inside-stop",  # a run half stopped
    "inside-pause",  # paused, not committed
    "inside-resume",  # resumed, not committed
    "inside-move",  # moved to the newest version, not committed
    "inside-import",  # a slice half taken
    "effects-owed",  # written beside the step, not committed
    "inside-effect-claim",  # `sending` is written, not committed
    "effects-claimed",  # committed, nothing has happened
    "effect-made",  # it happened, and nobody but this process knows
    "inside-effect-result",  # some of it written, not committed
    "effects-settled",
    "inside-effect-sweep",  # what somebody left behind is called unknown, not committed
    "requests-written",  # beside the step, not committed
    "listener-held",  # the lease is taken, nothing else done
    "inside-takeover",  # the run of the older version is shut, the newer one not open
    "inside-entry",  # they are in, their requests not answered
    "requests-answered",  # all done, not committed
    "entry-committed",  # and the lease still held
    "requests-refused",  # not committed
]
POINTS: Final[tuple[Point, ...]] = get_args(Point)
_armed, _nth, _how = (os.environ.get("CRASH_AT", "") + "::").split(":")[:3]
_left = int(_nth or 1)


def crashpoint(name: Point) -> None:
    """Die here if it is this place's turn; otherwise a comparison and no more."""
    if name == _armed:
        _count_down()


def arm(name: Point, nth: int = 1, how: str = "") -> None:
    """Choose the place for this process, as CRASH_AT does."""
    global _armed, _left, _how  # one process dies once
    _armed, _left, _how = name, nth, how


def left() -> int:
    """How many times the place may still be reached before this process dies there."""
    return _left


def _count_down() -> None:
    global _left  # noqa: PLW0603
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.Signals[f"SIG{_how or 'KILL'}"])
