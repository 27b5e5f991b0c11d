"""One demo on one data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds the folder; its words say which."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold `folder` while the block runs. The lock ends with the process, however it ends."""
    path = folder / "demo.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"{folder} is in use by process {path.read_text()}") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
