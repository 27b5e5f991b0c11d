"""No fork in the middle of what a thread does.

A worker forks its children from a process in which threads of ours look at the broker and the database.
A child forked while one of them holds a lock (kombu keeps one around every cached property) finds it
locked for ever: it never ends its task, and a worker that is to end waits for it. So each thread says
when it is at work, and a fork waits until none is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock, local
from time import monotonic

LONGEST = 30.0  # seconds; then rather a child that may hang than a worker that does


class _Fence:
    """Counts the threads that are at work. A fork holds the condition's lock from before to after."""

    def __init__(self) -> None:
        self.quiet, self.at_work, self.mine = Condition(Lock()), 0, local()

    @property
    def depth(self) -> int:
        """How deep the calling thread is at work itself: that does not keep it from forking."""
        return int(getattr(self.mine, "depth", 0))

    def count(self, more: int) -> None:
        with self.quiet:
            self.at_work += more
            self.mine.depth = self.depth + more
            self.quiet.notify_all()

    def close(self) -> None:
        self.quiet.acquire()
        ends = monotonic() + LONGEST
        while self.at_work > self.depth and monotonic() < ends:
            self.quiet.wait(ends - monotonic())

    def open(self) -> None:
        self.quiet.release()

    def begin_anew(self) -> None:
        """In the child, where of all threads only the one that forked lives on."""
        self.at_work, self.quiet = self.depth, Condition(Lock())


_fence = _Fence()
os.register_at_fork(
    before=_fence.close, after_in_parent=_fence.open, after_in_child=_fence.begin_anew
)


@contextmanager
def held_off() -> Iterator[None]:
    """Nobody forks this process until the block is left, at most for LONGEST seconds.

    What forks inside the block itself does not wait for it.
    """
    _fence.count(1)
    try:
        yield
    finally:
        _fence.count(-1)
