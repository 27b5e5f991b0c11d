"""What was asked of the simulator and what it answered, for people and tests to read."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from vibes.simulator.clock import clock, to_millisecond
from vibes.simulator.engine import store
from vibes.simulator.faults import Rule
from vibes.simulator.options import options
from vibes.simulator.store import Db, Row

KEPT_ANSWER = 4000
"""Characters of an answer that are kept."""


def write(
    request: HttpRequest, body: bytes, answer: HttpResponse, *, rule: Rule | None, at: float
) -> None:
    """Note the call, and now and then forget the oldest."""
    with store.transaction() as db:
        row_id = db.run(
            "INSERT INTO requests (method, path, query, status, body, response, fault, at, done_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(request.method, request.path, request.META.get("QUERY_STRING", "")),
            *(answer.status_code, body.decode(errors="replace")),
            *(answer.content.decode(errors="replace")[:KEPT_ANSWER], rule.id if rule else None),
            *(at, clock.now()),
        )
        if row_id % 1000 == 0:
            db.run("DELETE FROM requests WHERE id < ?", row_id - options.journal_keep)


def requests(db: Db, *, since: int, path: str, limit: int) -> list[dict[str, Any]]:
    """Calls after ``since`` whose path contains ``path``, oldest first."""
    rows = db.all(
        "SELECT * FROM requests WHERE id > ? AND instr(path, ?) ORDER BY id LIMIT ?",
        *(since, path, limit),
    )
    return [dict(row) | _times(row) for row in rows]


def callbacks(
    db: Db, *, since: int, callback_type: str, state: str, limit: int
) -> list[dict[str, Any]]:
    """Callbacks after ``since``, oldest first; an empty type or state means any."""
    rows = db.all(
        "SELECT * FROM callbacks WHERE id > ? AND ? IN ('', callback_type) AND ? IN ('', state)"
        " ORDER BY id LIMIT ?",
        *(since, callback_type, state, limit),
    )
    return [_callback(row) for row in rows]


def _times(row: Row) -> dict[str, str]:
    """When the call came in, and when its answer was made up."""
    return {name: to_millisecond(row[name]) for name in ("at", "done_at")}


def _callback(row: Row) -> dict[str, Any]:
    done_at = row["done_at"]
    return dict(row) | {
        "at": to_millisecond(row["at"]),
        "next_at": to_millisecond(row["next_at"]),
        "done_at": to_millisecond(done_at) if done_at else None,
    }
