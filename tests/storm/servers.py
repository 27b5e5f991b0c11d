"""The storm's own servers: PostgreSQL and Redis that it may restart, flush and cut, and nobody else uses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config import broker
from config.ports import free_port
from config.readiness import wait_for
from config.supervisor import Process, Program

SERVER_USERS = ("postgres", "nobody")  # PostgreSQL does not run as root
# Durable, as production must be: nothing here may be faster than it is safe.
POSTGRES = {
    "fsync": "on",
    "synchronous_commit": "on",
    "track_commit_timestamp": "on",  # so that the judge knows when a STOP was committed
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
}
START_SECONDS = 30


class Postgres:
    """A PostgreSQL in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port, self.data = free_port(), folder / "postgres"
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._as: dict[str, Any] = {"user": _server_user()} if os.geteuid() == 0 else {}
        self._running: subprocess.Popen[bytes] | None = None

    def set_up(self) -> None:
        """Make an empty cluster, as the user who will run it."""
        self.data.mkdir()
        if self._as:
            shutil.chown(self.data, self._as["user"])
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        command = [program("initdb"), "-D", str(self.data), *options]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._as)

    def start(self) -> None:
        """Start it; return when it takes connections."""
        own = POSTGRES | {"port": str(self.port), "unix_socket_directories": str(self.data)}
        options = [word for name, value in own.items() for word in ("-c", f"{name}={value}")]
        self._running = subprocess.Popen(
            [program("postgres"), "-D", str(self.data), *options],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as,
        )
        if not wait_for(self._is_there, seconds=START_SECONDS):
            raise TimeoutError("PostgreSQL did not start.")

    def crash(self) -> None:
        """Stop it as a crash would, without a word to anybody, and start it again."""
        self._end(signal.SIGQUIT)
        self.start()

    def cut(self) -> int:
        """End every connection but the one that asks; says how many."""
        ends = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        )
        return len(self.ask(f"{ends} AND backend_type = 'client backend'"))

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        import psycopg

        address = self.url.replace("postgres://", "postgresql://")
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def stop(self) -> None:
        if self._running:
            self._end(signal.SIGINT)

    def _end(self, sign: signal.Signals) -> None:
        assert self._running is not None
        self._running.send_signal(sign)
        self._running.wait(START_SECONDS)

    def _is_there(self) -> bool:
        import psycopg

        try:
            return bool(self.ask("SELECT 1"))
        except psycopg.OperationalError:
            return False


class Redis:
    """A Redis, or the Valkey of the embedded set; it forgets everything when it is restarted."""

    def __init__(self, folder: Path, *, embedded: bool) -> None:
        program = _valkey(folder) if embedded else _redis(folder)
        self.url, self._process = program[0], Process(program[1], say=lambda *_: None)

    def start(self) -> None:
        self._process.start()
        if not wait_for(self._is_there, seconds=START_SECONDS):
            raise TimeoutError("Redis did not start.")

    def flush(self) -> None:
        self.client().flushall()

    def crash(self) -> None:
        """Kill -9, and start it again, empty."""
        self._process.kill()
        self.start()
        self.flush()

    def stop(self) -> None:
        self._process.kill()

    def client(self) -> Any:
        import redis

        return redis.Redis.from_url(self.url.replace("redis+socket://", "unix://"))

    def _is_there(self) -> bool:
        import redis

        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False


@contextmanager
def running(server: Postgres | Redis) -> Iterator[None]:
    """Started, and stopped whatever happens."""
    try:
        server.start()
        yield
    finally:
        server.stop()


def _valkey(folder: Path) -> tuple[str, Program]:
    chosen = broker.choose(folder, surroundings={})
    assert chosen.program is not None, chosen.warning
    return chosen.url, chosen.program


def _redis(folder: Path) -> tuple[str, Program]:
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        return _valkey(folder)
    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
    where = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    return f"redis://127.0.0.1:{port}/0", Program("redis", [binary, *where, *quiet], {}, folder)


def program(name: str) -> str:
    """A program of the newest PostgreSQL on this machine."""
    found = find(name)
    if found is None:
        raise FileNotFoundError(f"{name}: install PostgreSQL, or storm the --embedded set")
    return found


def find(name: str) -> str | None:
    there = [str(each) for each in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")]
    newest = max(there, key=lambda path: int(Path(path).parts[4].split(".")[0]), default=None)
    return newest or shutil.which(name)


def _server_user() -> str:
    import pwd

    known = {each.pw_name for each in pwd.getpwall()}
    return next(name for name in SERVER_USERS if name in known)
