"""The simulator's memory: one SQLite file, one connection, one lock.

A ``Db`` is one open transaction. Whoever joins while one is open takes part in
it. What has to be woken afterwards (due work, callbacks), and what happened, is
noted on the ``Db`` and announced once the transaction is committed.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

Row = sqlite3.Row
Note = tuple[str, str | None, dict[str, object]]
"""What happened: its kind, the number it concerns, and the rest."""
SCHEMA = Path(__file__).with_name("schema.sql")
VERSION = 4
"""Of the schema; raise it with every change."""
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


class Db:
    """One transaction: a few short verbs around a cursor."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.has_new_work = False
        self.has_new_callbacks = False
        self.forgets_all = False
        self.notes: list[Note] = []

    def one(self, sql: str, *values: object) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        row = self.one(sql, *values)
        return row[0] if row is not None else None

    def run(self, sql: str, *values: object) -> int:
        """Run one statement; the id of the inserted row, if it inserted one."""
        return self._connection.execute(sql, values).lastrowid or 0

    def count(self, sql: str, *values: object) -> int:
        """Run one statement; how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def note(self, kind: str, mdn: str | None, /, **about: object) -> None:
        """Tell those who follow the stream, once this is committed."""
        self.notes.append((kind, mdn, about))

    def many(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._connection.executemany(sql, rows)


class Store:
    """The file, and the only door to it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._lay_out()
        self._lock = RLock()
        self._open: Db | None = None
        self.world = 0
        """How often all was forgotten: ids begin anew then, and mean something else."""
        self._after_commit: list[Callable[[Db], None]] = []

    def _lay_out(self) -> None:
        """Make the tables. A file of another version is emptied: all in it is pretence."""
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            for (table,) in self._connection.execute(TABLES).fetchall():
                self._connection.execute(f"DROP TABLE {table}")
        self._connection.executescript(SCHEMA.read_text())
        self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def after_commit(self, announce: Callable[[Db], None]) -> None:
        self._after_commit.append(announce)

    @contextmanager
    def transaction(self) -> Iterator[Db]:
        """All or nothing; joins the transaction this thread already has open."""
        with self._lock:
            if self._open is not None:
                yield self._open
                return
            with self._begun() as db:
                yield db
        for announce in self._after_commit:
            announce(db)

    @contextmanager
    def _begun(self) -> Iterator[Db]:
        db = self._open = Db(self._connection)
        self._connection.execute("BEGIN")
        try:
            yield db
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        else:
            self._connection.execute("COMMIT")
            self.world += db.forgets_all
        finally:
            self._open = None
