"""What a piece of work takes: time, processor time of this process and of its database, memory, statements."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from tests.bench.memory import watched

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """Seconds, and megabytes at most. `waited` is the time statements took, `by_statement` whose."""

    clock: float = 0
    ours: float = 0
    database: float = 0
    waited: float = 0
    memory_mb: float = 0
    grown_mb: float = 0
    by_statement: dict[str, float] = field(default_factory=dict)

    @property
    def processor(self) -> float:
        return self.ours + self.database

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure the block; the figures are there when it is over."""
    cost, statements = Cost(), defaultdict[str, float](float)

    def clocked(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            statements[" ".join(sql.split()[:3])] += time.perf_counter() - began

    connection.ensure_connection()
    clock, ours, theirs = time.perf_counter(), time.process_time(), _of_database()
    with watched() as peak, connection.execute_wrapper(clocked):
        yield cost
    cost.clock, cost.ours = time.perf_counter() - clock, time.process_time() - ours
    cost.database, cost.memory_mb = _of_database() - theirs, peak.at_most
    cost.grown_mb = peak.growth
    cost.waited, cost.by_statement = sum(statements.values()), dict(statements)


def _of_database() -> float:
    """Processor seconds of our backend so far; none where SQLite works within this process."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / TICKS
