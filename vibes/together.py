"""Rows that many threads write at the same time, committed together.

A commit costs the same for one row as for thirty, and SQLite lets one writer in at a time. So whoever
comes first writes, the others queue meanwhile, and the next of them writes for all that queued.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.db import Error, connection, transaction

from vibes.models import Callback

MOST = 100
# The ORM cannot say both ON CONFLICT and RETURNING.
_COLUMNS = ("account_id", "event_id", "kind", "body", "received_at", "applied_at", "outcome")
_INSERT = (
    f"INSERT INTO {Callback._meta.db_table} ({', '.join(_COLUMNS)})"  # noqa: S608  # constants
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id"
)
Row = tuple[Any, ...]


@dataclass
class _Order:
    """A row to be written, and what became of it."""

    row: Row
    is_done: bool = False
    callback_id: int | None = None
    error: Error | None = None


_queue: deque[_Order] = deque()
_writing = Lock()


def insert(row: Row) -> int | None:
    """Write a row of callbacks, in the order of the columns above; its id, or None when we had it.

    It is committed when this returns. Raises what the database raises.
    """
    order = _Order(row)
    _queue.append(order)
    with _writing:
        if not order.is_done:
            _write_for_all()
    if order.error is not None:
        raise order.error
    return order.callback_id


def _write_for_all() -> None:
    orders = [_queue.popleft() for _ in range(min(len(_queue), MOST))]
    try:
        with transaction.atomic():
            ids = [_execute(each.row) for each in orders]
    except Error:
        _write_one_by_one(orders)
        return
    for order, callback_id in zip(orders, ids, strict=True):
        order.callback_id, order.is_done = callback_id, True


def _write_one_by_one(orders: Sequence[_Order]) -> None:
    """What one row does wrong is not the others' fault."""
    for order in orders:
        try:
            with transaction.atomic():
                order.callback_id = _execute(order.row)
        except Error as error:
            order.error = error
        order.is_done = True


def _execute(row: Row) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
        made = cursor.fetchone()
    return int(made[0]) if made else None
