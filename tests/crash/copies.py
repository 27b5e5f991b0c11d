"""Dumps of a killed site's database: put beside it, on another disk, or back in its place."""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from config.processes import QUEUES
from config.supervisor import Process
from tests.crash.site import Victim
from tests.migrated import on_server


@contextmanager
def dump(victim: Victim) -> Iterator[str]:
    """The address of a copy of the database. On PostgreSQL nobody may be connected meanwhile."""
    url = _url(victim)
    folder, _, name = url.rpartition("/")
    copy = f"{name.split('.')[0]}_{uuid.uuid4().hex[:6]}"
    if url.startswith("sqlite"):
        with (
            closing(sqlite3.connect(_path(url))) as here,
            closing(sqlite3.connect(f"{_path(folder)}/{copy}")) as there,
        ):
            here.backup(there)
        yield f"{folder}/{copy}"
        return
    on_server(f"{folder}/postgres", f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    try:
        yield f"{folder}/{copy}"
    finally:
        on_server(f"{folder}/postgres", f'DROP DATABASE "{copy}" WITH (FORCE)')


def put_back(victim: Victim, dumped: str) -> None:
    """The dump takes the place of the database, on the same disk and under the same name."""
    victim.forget()
    url = _url(victim)
    folder, _, name = url.rpartition("/")
    if url.startswith("sqlite"):
        for end in ("-wal", "-shm"):
            Path(f"{_path(url)}{end}").unlink(missing_ok=True)
        shutil.copyfile(_path(dumped), _path(url))  # into the very file
        return
    copy = dumped.rpartition("/")[2]
    on_server(f"{folder}/postgres", f'DROP DATABASE "{name}" WITH (FORCE)')
    on_server(f"{folder}/postgres", f'CREATE DATABASE "{name}" TEMPLATE "{copy}"')


@contextmanager
def beside(victim: Victim, dumped: str, var: Path) -> Iterator[Victim]:
    """A second site at work on the dump, on another disk; the simulator is the first one's."""
    var.mkdir()
    shutil.copy(victim.site.var / "secrets.json", var)  # or the password of Vibes could not be read
    other = Victim(
        var,
        broker_url=victim.site.broker_url,
        database_url=dumped,
        redis_url=victim.site.broker_url,
    )
    other.site = replace(other.site, sim_port=victim.site.sim_port)
    other.worker = Process(other.site.worker(concurrency=2, queues=QUEUES), say=other._say)
    other.beat = Process(other.site.beat(), say=other._say)
    try:
        yield other
    finally:
        other.stop()


def _url(victim: Victim) -> str:
    return victim.site.extra["DATABASE_URL"]


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")
