"""What this machine remembers, apart from the database: to which databases it belongs, and the latest
epoch it has seen of each. A database that remembers less than a witness was restored.

One file a token in INSTANCE_DIR, which holds the epoch. Or the token is in the environment
(INSTANCE_TOKEN), where a machine keeps no files.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

_TOKEN = re.compile(r"[\w-]{8,64}")


def new_token() -> str:
    """The token a database that belongs nowhere yet gets: the environment's, else a new one."""
    return settings.INSTANCE_TOKEN or secrets.token_urlsafe(24)


def is_token(text: str) -> bool:
    """Whether it may be one: 8 to 64 letters, digits, - and _, since a file bears its name."""
    return bool(_TOKEN.fullmatch(text))


def knows(token: str) -> bool:
    """Whether this machine belongs to the database of this token. A file nobody can read is none."""
    if settings.INSTANCE_TOKEN:
        return bool(token == settings.INSTANCE_TOKEN)
    return _read(token) is not None


def epoch(token: str) -> int:
    """The latest epoch seen here; 0 where none was."""
    return _read(token) or 0


def remember(token: str, epoch_: int) -> None:
    """Write down that the database reached this epoch, durably; never less than was written before."""
    with _alone():
        if epoch_ <= (_read(token) or -1):
            return
        draft = _file(token).with_suffix(".new")
        with draft.open("w") as new:
            new.write(str(epoch_))
            new.flush()
            os.fsync(new.fileno())
        draft.replace(_file(token))


def _read(token: str) -> int | None:
    try:
        return int(_file(token).read_text()) if is_token(token) else None
    except (FileNotFoundError, ValueError):
        return None


def _file(token: str) -> Path:
    return Path(settings.INSTANCE_DIR) / token


@contextmanager
def _alone() -> Iterator[None]:
    folder = Path(settings.INSTANCE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
