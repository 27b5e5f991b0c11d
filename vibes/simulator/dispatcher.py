"""Delivering callbacks: eight at a time, two seconds each, and again after a failure.

2XX is done. 4XX is lost, as at Vibes. Anything else is tried again after
``callback_retry_s``, up to ``callback_retries`` times. Redirects are failures. An
address that fails ten times in a row is left alone for a while.

One thread speaks with the store, many callbacks to a transaction; eight others
only speak HTTP.
"""

import time
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Thread

from vibes.simulator import addresses, callbacks
from vibes.simulator.clock import clock
from vibes.simulator.options import options
from vibes.simulator.post import post
from vibes.simulator.store import Db, Row, Store

PARALLEL = 8
MOST_AT_ONCE = 200
IDLE_S = 1.0
TICK_S = 0.01
"""Between two transactions; what happens meanwhile shares the next one."""
NOT_ALLOWED = "not on the allow list"
FORGOTTEN = "all was forgotten meanwhile"


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: a status, or else an error."""

    callback: Row
    world: int
    status: int | None
    error: str | None

    @property
    def state(self) -> str:
        if self.status is not None and 200 <= self.status < 300:
            return "delivered"
        if self.error == NOT_ALLOWED:
            return "refused"
        final = self.status is not None and 400 <= self.status < 500
        spent = self.callback["attempts"] >= options.callback_retries
        return "failed" if final or spent else "queued"

    def told(self) -> dict[str, object]:
        """For those who follow the stream."""
        named = {name: self.callback[name] for name in ("id", "event_id", "callback_type")}
        tried = {"attempts": self.callback["attempts"] + 1}
        return named | tried | {"status": self.status, "error": self.error}


class Dispatcher:
    """Takes queued callbacks from the store, has them sent, and notes what came of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wake = Event()
        self._to_send: SimpleQueue[tuple[Row, int]] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self.under_way = 0
        """Taken, and not settled yet; those of a world that was forgotten too."""

    def start(self) -> None:
        """Take up what an earlier process left, and listen for more."""
        self._store.after_commit(self._hear)
        with self._store.transaction() as db:
            db.run("UPDATE callbacks SET state = 'queued' WHERE state = 'sending'")
        for work in (self._run, *[self._send] * PARALLEL):
            Thread(target=work, name="callbacks", daemon=True).start()

    def wake(self) -> None:
        self._wake.set()

    def _hear(self, db: Db) -> None:
        if db.has_new_callbacks:
            self._wake.set()

    def _send(self) -> None:
        while True:
            row, world = self._to_send.get()
            came = _try(row) if world == self._store.world else (None, FORGOTTEN)
            self._outcomes.put(Outcome(row, world, *came))
            self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            with self._store.transaction() as db:
                self._settle(db)
                addresses.spare(db, now=clock.now())
                self._claim(db)
                wait = _until_next(db)
            self._wake.wait(wait)
            time.sleep(TICK_S)

    def _claim(self, db: Db) -> None:
        due = db.all(
            "UPDATE callbacks SET state = 'sending' WHERE id IN (SELECT id FROM callbacks"
            " WHERE state = 'queued' AND next_at <= ? ORDER BY next_at, id LIMIT ?) RETURNING *",
            *(clock.now(), MOST_AT_ONCE),
        )
        for row in sorted(due, key=lambda row: (row["next_at"], row["id"])):
            self._to_send.put((row, self._store.world))
        self.under_way += len(due)

    def _settle(self, db: Db) -> None:
        rows = []
        well: set[str] = set()
        while not self._outcomes.empty():
            outcome = self._outcomes.get()
            self.under_way -= 1
            if outcome.world != self._store.world:
                continue
            rows.append(_settled(outcome, now=clock.now()))
            _judge(db, outcome, well)
            db.note(f"callback.{outcome.state}", outcome.callback["mdn"], **outcome.told())
        db.many(
            "UPDATE callbacks SET state = ?, status = ?, error = ?, next_at = ?, done_at = ?,"
            " attempts = attempts + 1 WHERE id = ?",
            rows,
        )


def _try(row: Row) -> tuple[int | None, str | None]:
    """(status, None), or (None, what went wrong)."""
    if not callbacks.allowed(row["url"]):
        return None, NOT_ALLOWED
    return post(
        row["url"],
        method=row["method"],
        content_type=row["content_type"],
        body=row["body"].encode(),
        timeout_s=options.callback_timeout_s,
    )


def _judge(db: Db, outcome: Outcome, well: set[str]) -> None:
    """Tell the address's record, which an unbroken row of successes does not change."""
    url, delivered = outcome.callback["url"], outcome.state == "delivered"
    if delivered and url in well:
        return
    addresses.note(db, url, delivered=delivered, now=clock.now())
    (well.add if delivered else well.discard)(url)


def _settled(outcome: Outcome, *, now: float) -> tuple[object, ...]:
    row, state = outcome.callback, outcome.state
    again = state == "queued"
    next_at = now + addresses.pause(options.callback_retry_s) if again else row["next_at"]
    return (state, outcome.status, outcome.error, next_at, None if again else now, row["id"])


def _until_next(db: Db) -> float:
    """Seconds until a queued callback falls due, at most ``IDLE_S``."""
    next_at = db.value("SELECT min(next_at) FROM callbacks WHERE state = 'queued'")
    return IDLE_S if next_at is None else min(IDLE_S, max(0, next_at - clock.now()))
