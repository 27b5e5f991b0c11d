"""Questions that may take so long and no longer, and stop when the same is asked anew.

PostgreSQL stops a statement by its own timeout, or when the newer question cancels it: the older one
holds an advisory lock of its name for as long as it asks. SQLite looks at the clock, and at who asks
the same in this process, every few thousand of its instructions. Only for questions: nothing is
written within.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from time import monotonic
from typing import Any
from zlib import crc32

from django.db import OperationalError, connection, transaction

# The first halves of the names of our advisory locks: of who asks, and of who is stopping them.
LOCKS, STOPPING = 7_401, 7_403
INSTRUCTIONS = 5_000  # of SQLite's machine, between two looks: well under a millisecond
NAMES_KEPT = 1_000
_serial = count(1)
_newest: dict[str, int] = {}


class TookTooLong(Exception):
    """The question was stopped: its time was over."""


class AskedAnew(TookTooLong):
    """The question was stopped: the same was asked again, and this answer is wanted by nobody."""


@contextmanager
def at_most(seconds: float, *, name: str = "") -> Iterator[None]:
    """Let each statement within run for so long. Raises TookTooLong, AskedAnew.

    With a `name`, an older question of that name stops now, and this one when there is a newer.
    """
    began = monotonic()
    ask = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    try:
        with ask(seconds, name):
            yield
    except OperationalError as error:
        if not _is_stop(error):
            raise
        early = name and monotonic() - began < seconds * 0.9
        raise (AskedAnew if early else TookTooLong) from error


def _is_stop(error: OperationalError) -> bool:
    code = getattr(error.__cause__, "sqlstate", "")
    return code == "57014" or "interrupted" in str(error)  # query_canceled; SQLITE_INTERRUPT


@contextmanager
def _on_postgresql(seconds: float, name: str) -> Iterator[None]:
    limit, key = str(int(seconds * 1_000)), crc32(name.encode()) & 0x7FFFFFFF
    if name:
        _stop_older(key)
    try:
        with _let_go() as cursor:
            if name:
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LOCKS, key])
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
            yield
    finally:
        if name:
            _let_stops_arrive(key)


@contextmanager
def _let_go() -> Iterator[Any]:
    """Whatever is locked or set within is so no longer, even where this is part of a longer transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        yield cursor
        transaction.set_rollback(True)


def _stop_older(key: int) -> None:
    """Cancel who is asking. Nobody gets away meanwhile, see below."""
    with _let_go() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [STOPPING, key])
        cursor.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
            " AND objid = %s AND granted AND pid <> pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [LOCKS, key],
        )


def _let_stops_arrive(key: int) -> None:
    """Wait for whoever saw us ask and has not yet sent the stop: it must not hit what we do next.

    It stops this instead, or finds nothing to stop: PostgreSQL forgets a stop between two statements.
    """
    try:
        with _let_go() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [STOPPING, key])
    except OperationalError as error:
        if not _is_stop(error):
            raise


@contextmanager
def _on_sqlite(seconds: float, name: str) -> Iterator[None]:
    connection.ensure_connection()
    raw: Any = connection.connection
    raw.set_progress_handler(_look(monotonic() + seconds, name), INSTRUCTIONS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def _look(ends: float, name: str) -> Callable[[], bool]:
    """Whether it is over, for SQLite to ask again and again."""
    mine = next(_serial)
    if name:
        _newest.pop(name, None)
        _newest[name] = mine
        while len(_newest) > NAMES_KEPT:
            _newest.pop(next(iter(_newest)), None)
    return lambda: monotonic() > ends or bool(name and _newest.get(name, mine) != mine)
