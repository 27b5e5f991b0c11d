"""A new database for one test, on whatever server this round of tests is about."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def of_its_own(var: Path) -> Iterator[str]:
    """The address of a new database: on the server that DATABASE_URL names, else a SQLite file."""
    configured = os.environ.get("DATABASE_URL", "")
    if configured.startswith("postgres"):
        with _on(configured) as url:
            yield url
    else:
        yield f"sqlite:///{var}/crash.sqlite3"


@contextmanager
def _on(server: str) -> Iterator[str]:
    name = f"ringdove_crash_{uuid.uuid4().hex[:8]}"
    _say(server, f'CREATE DATABASE "{name}"')
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        _say(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _say(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as there:
        there.execute(statement)
