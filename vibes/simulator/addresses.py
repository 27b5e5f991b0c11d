"""The addresses callbacks go to: one that fails ten times in a row is left alone for a while."""

from typing import Any

from vibes.simulator.clock import to_millisecond
from vibes.simulator.options import options
from vibes.simulator.store import Db, Row

SHORTEST_PAUSE_S = 1.0


def pause(seconds: float) -> float:
    """By the time scale, and never nothing."""
    return max(SHORTEST_PAUSE_S, seconds * options.time_scale)


def note(db: Db, url: str, *, delivered: bool, now: float) -> None:
    """One attempt went well, or not; the tenth failure in a row takes the address down."""
    if delivered:
        db.run("DELETE FROM addresses WHERE url = ?", url)
        return
    failures = db.value(
        "INSERT INTO addresses VALUES (?, 1, NULL)"
        " ON CONFLICT (url) DO UPDATE SET failures = failures + 1 RETURNING failures",
        url,
    )
    if failures % options.callback_down_after == 0:
        until = now + pause(options.callback_down_s)
        db.run("UPDATE addresses SET down_until = ? WHERE url = ?", until, url)


def spare(db: Db, *, now: float) -> None:
    """Put off what is owed to addresses that are down; it costs them no attempt."""
    for row in db.all("SELECT url, down_until FROM addresses WHERE down_until > ?", now):
        db.run(
            "UPDATE callbacks SET next_at = ? WHERE state = 'queued' AND next_at < ? AND url = ?",
            *(row["down_until"], row["down_until"], row["url"]),
        )


def described(db: Db, *, now: float) -> list[dict[str, Any]]:
    rows = db.all(
        "SELECT r.url, a.failures, a.down_until, (SELECT count(*) FROM callbacks c"
        " WHERE c.url = r.url AND c.state IN ('queued', 'sending', 'held')) AS owed FROM"
        " (SELECT DISTINCT json_extract(destination, '$.url') AS url FROM registrations"
        " UNION SELECT url FROM addresses) r LEFT JOIN addresses a ON a.url = r.url ORDER BY 1"
    )
    return [_described(row, now) for row in rows]


def _described(row: Row, now: float) -> dict[str, Any]:
    down = row["down_until"] is not None and row["down_until"] > now
    return {
        "url": row["url"],
        "down": down,
        "down_until": to_millisecond(row["down_until"]) if down else None,
        "failures_in_a_row": row["failures"] or 0,
        "owed": row["owed"],
    }
