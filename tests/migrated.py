"""Databases that are migrated already. One is migrated in a run of the tests, all others are copies of it.

To migrate takes some ten seconds of a processor, and every site and every process of the tests has a
database of its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from config.processes import ROOT

FOLDER = "MIGRATED_FOLDER"  # where what was migrated is found, by all processes of a run
SQLITE = "migrated.sqlite3"


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """What is migrated within the block is kept in this folder, for the processes begun within it too.

    Within a longer block of this kind nothing is kept apart.
    """
    if os.environ.get(FOLDER):
        yield
        return
    os.environ[FOLDER] = str(folder)
    try:
        yield
    finally:
        del os.environ[FOLDER]
        for marker in folder.glob("*.name"):
            server, name = marker.read_text().split()
            on_server(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def make(url: str) -> bool:
    """Make the database of this address, migrated. On PostgreSQL it must not be there yet.

    Outside `kept` nothing is made on SQLite, and on PostgreSQL an empty one: whoever uses it migrates.
    Says whether it is migrated.
    """
    place = urlsplit(url)
    if place.scheme.startswith("postgres"):
        server, name = f"{url.rpartition('/')[0]}/postgres", place.path[1:]
        like = f' TEMPLATE "{_on(server)}"' if os.environ.get(FOLDER) else ""
        on_server(server, f'CREATE DATABASE "{name}"{like}')
    elif os.environ.get(FOLDER):
        shutil.copyfile(_file(), url.removeprefix("sqlite:///"))
    return bool(os.environ.get(FOLDER))


def on_server(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as there:
        there.execute(statement)


def _file() -> Path:
    folder = Path(os.environ[FOLDER])
    made = folder / SQLITE
    with _one_at_a_time(folder):
        if not made.exists():
            begun = folder / f"begun-{SQLITE}"
            _migrate(f"sqlite:///{begun}")
            begun.rename(made)
    return made


def _on(server: str) -> str:
    """The name of the migrated database on this server."""
    folder = Path(os.environ[FOLDER])
    marker = folder / f"{uuid.uuid5(uuid.NAMESPACE_URL, server)}.name"
    with _one_at_a_time(folder):
        if not marker.exists():
            name = f"ringdove_migrated_{uuid.uuid4().hex[:8]}"
            on_server(server, f'CREATE DATABASE "{name}"')
            _migrate(f"{server.rpartition('/')[0]}/{name}")
            marker.write_text(f"{server} {name}")
        return marker.read_text().split()[1]


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(url: str) -> None:
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | settings, check=True)
