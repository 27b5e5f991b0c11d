"""Delivering callbacks: eight at a time, two seconds each, and again after a failure.

2XX is done. 4XX is lost, as at Vibes. Anything else is tried again after
``callback_retry_s``, up to ``callback_retries`` times. Redirects are failures.
"""

import heapq
from threading import Condition, Thread

from vibes.simulator.clock import clock
from vibes.simulator.options import options
from vibes.simulator.post import post
from vibes.simulator.store import Db, Row, Store

PARALLEL = 8
IDLE_S = 1.0
SHORTEST_RETRY_S = 1.0


class Dispatcher:
    """A queue in memory of (when, callback id); the rows themselves are in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: list[tuple[float, int]] = []
        self._changed = Condition()

    def start(self) -> None:
        """Take up what an earlier process left, and listen for more."""
        self._store.after_commit(self._hear)
        with self._store.transaction() as db:
            rows = db.all("SELECT next_at, id FROM callbacks WHERE state = 'queued'")
            db.new_callbacks.extend((row["next_at"], row["id"]) for row in rows)
        for number in range(PARALLEL):
            Thread(target=self._run, name=f"callbacks-{number}", daemon=True).start()

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _hear(self, db: Db) -> None:
        if db.new_callbacks:
            with self._changed:
                for item in db.new_callbacks:
                    heapq.heappush(self._queue, item)
                self._changed.notify(len(db.new_callbacks))

    def _run(self) -> None:
        while True:
            self._deliver(self._take())

    def _take(self) -> int:
        """Wait for a callback that is due."""
        with self._changed:
            while True:
                wait = self._queue[0][0] - clock.now() if self._queue else IDLE_S
                if self._queue and wait <= 0:
                    return heapq.heappop(self._queue)[1]
                self._changed.wait(min(wait, IDLE_S))

    def _deliver(self, callback_id: int) -> None:
        with self._store.transaction() as db:
            row = db.one("SELECT * FROM callbacks WHERE id = ?", callback_id)
        if row is None or row["state"] != "queued":
            return
        status, error = post(
            row["url"],
            method=row["method"],
            content_type=row["content_type"],
            body=row["body"].encode(),
            timeout_s=options.callback_timeout_s,
        )
        with self._store.transaction() as db:
            _settle(db, row, status=status, error=error, now=clock.now())


def _settle(db: Db, row: Row, *, status: int | None, error: str | None, now: float) -> None:
    state = _state(row, status)
    pause = max(SHORTEST_RETRY_S, options.callback_retry_s * options.time_scale)
    next_at = now + pause if state == "queued" else row["next_at"]
    db.run(
        "UPDATE callbacks SET state = ?, attempts = attempts + 1, status = ?, error = ?,"
        " next_at = ?, done_at = ? WHERE id = ?",
        *(state, status, error, next_at, None if state == "queued" else now, row["id"]),
    )
    if state == "queued":
        db.new_callbacks.append((next_at, row["id"]))


def _state(row: Row, status: int | None) -> str:
    if status is not None and 200 <= status < 300:
        return "delivered"
    final = status is not None and 400 <= status < 500
    return "failed" if final or row["attempts"] >= options.callback_retries else "queued"
