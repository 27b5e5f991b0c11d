"""The parts of the growth bench: filling the log over a year, and writing into it as delivery does."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from people import activity, partitions
from people.activity import Happening
from people.models import Activity
from tests.bench.cost import measured
from vibes import receipts

PEOPLE = 1_000_000
MONTHS = 12
NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)
BATCH = 1_000
CHUNK = 1_000_000
TEXT = "Hi friend, our spring offer is here: 20 % off all running shoes until Sunday. Reply STOP to end"
Figures = dict[str, float]


def grow(levels: Sequence[int], lines: int) -> Figures:
    """Rates, and bytes a line, at each size of the log."""
    for back in range(MONTHS + 1):
        partitions.ensure_months(NOW - timedelta(days=30 * back))
    figures: Figures = {}
    _write(BATCH * 5)  # what is asked once
    _empty()
    held = 0
    for level in levels:
        _fill(level - held)
        held = level + lines
        figures |= {f"{name}_at_{level}": value for name, value in _write(lines).items()}
        print(figures, file=sys.stderr)
    figures["lines"] = held
    figures["bytes_a_line"] = round(_bytes() / held)
    _empty()  # whoever else is busy by now disturbs this as it did the last one
    figures |= {f"{name}_at_0_again": value for name, value in _write(lines).items()}
    full, empty = figures[f"a_second_at_{levels[-1]}"], figures["a_second_at_0_again"]
    return figures | {"keeps_by_clock": round(full / empty, 2)}


def _write(lines: int) -> Figures:
    """Write so many: microseconds of processor a line, ours and the database's, since others may be busy too;
    and lines a second by the clock, of the middle batch."""
    draw, took = random.Random(lines), list[float]()
    each = [draw.randrange(PEOPLE) for _ in range(lines)]
    with measured() as cost:
        for start in range(0, lines, BATCH):
            began = time.perf_counter()
            with transaction.atomic():
                some = each[start : start + BATCH]
                activity.record(receipts.SENT, [_happening(one) for one in some], at=NOW)
            took.append(time.perf_counter() - began)
    rate = BATCH / statistics.median(took)
    return {"a_second": round(rate), "us": round(cost.processor * 1e6 / lines, 1)}


def _happening(person: int) -> Happening:
    details = {"message": "Spring offer", "vibes_list": "Offers", "text": TEXT, "parts": 1}
    return Happening(person, details, campaign_id=1, run_id=2, step_id=3)


def _fill(lines: int) -> None:
    """Lines of the last twelve months, whose people come in any order; then the indexes, dense as new ones
    are, which a line that comes now has to split."""
    if lines <= 0:
        return
    indexes = Activity._meta.indexes
    with connection.schema_editor() as editor:
        for each in indexes:
            editor.remove_index(Activity, each)
    for done in range(0, lines, CHUNK):
        some = min(CHUNK, lines - done)
        with connection.cursor() as cursor:
            cursor.execute(_INSERT[connection.vendor], _params(some))
        print(f"filled {done + some:,} of {lines:,}", file=sys.stderr)
    with connection.schema_editor() as editor:
        for each in indexes:
            editor.add_index(Activity, each)
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE people_activity" if connection.vendor == "postgresql" else "ANALYZE"
        )


_COLUMNS = "person_id, kind, happened_at, campaign_id, run_id, step_id, details"
_DETAILS = f'{{"message": "Spring offer", "vibes_list": "Offers", "text": "{TEXT}", "parts": 1}}'
_INSERT = {
    "postgresql": f"""
        INSERT INTO people_activity ({_COLUMNS})
        SELECT (random() * {PEOPLE})::bigint, %s, %s - random() * interval '{30 * MONTHS} days', 1, 2, 3, %s
        FROM generate_series(1, %s)
    """,  # noqa: S608
    "sqlite": f"""
        WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %s)
        INSERT INTO people_activity ({_COLUMNS})
        SELECT abs(random()) %% {PEOPLE}, %s,
               datetime(%s, '-' || (abs(random()) %% {30 * MONTHS}) || ' days'), 1, 2, 3, %s
        FROM series
    """,  # noqa: S608
}


def _params(lines: int) -> list[Any]:
    if connection.vendor == "postgresql":
        return [receipts.SENT.word, NOW, _DETAILS, lines]
    return [lines, receipts.SENT.word, f"{NOW:%Y-%m-%d %H:%M:%S}", _DETAILS]


def _empty() -> None:
    with connection.cursor() as cursor:
        verb = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"
        cursor.execute(f"{verb} people_activity")


def _bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            return int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits"
            " WHERE inhparent = 'people_activity'::regclass"
        )
        return int(cursor.fetchone()[0])
