"""What a storm is made of: so many people, so many faults of each kind, and the seed they are drawn from."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from typing import Any

# How often each fault is injected unless told otherwise.
COUNTS = {
    "kills": (25, "kill -9 of a sending process, of a worker with all of them, or of beat"),
    "terms": (1, "SIGTERM to a worker, as a deploy does"),
    "freezes": (2, "SIGSTOP of a worker for longer than its lease, then SIGCONT"),
    "flushes": (2, "FLUSHALL of Redis"),
    "losses": (1, "kill -9 of Redis, which comes back empty"),
    "absences": (0, "Redis stopped for half a minute"),
    "cuts": (3, "all connections to PostgreSQL ended (pg_terminate_backend)"),
    "crashes": (1, "PostgreSQL stopped at once and started again"),
    "blackouts": (0, "everything but Vibes killed at once, then started again"),
    "outages": (0, "Vibes refuses connections for a while"),
    "stops": (100, "people who text STOP while the run goes on"),
    "starts": (3, "the same start token used again, eight times at once"),
    "pauses": (1, "the run paused for a while, then resumed"),
}
ONLY_ON_SERVERS = ("cuts", "crashes")


@dataclass(frozen=True, kw_only=True)
class Options:
    """One storm. `rough`: how often a call goes wrong at Vibes, compared with the usual (1)."""

    members: int
    workers: int
    width: int
    seed: int
    seconds: float
    rough: float
    receipts: float
    embedded: bool
    unscaled: bool
    naive: bool
    restore: bool
    kills: int
    terms: int
    freezes: int
    flushes: int
    losses: int
    absences: int
    cuts: int
    crashes: int
    blackouts: int
    outages: int
    stops: int
    starts: int
    pauses: int

    def counts(self) -> dict[str, int]:
        """How many faults of each kind there are to be."""
        return {
            kind: 0 if self.embedded and kind in ONLY_ON_SERVERS else getattr(self, kind)
            for kind in COUNTS
        }


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the parser an argument for each option."""
    add = parser.add_argument
    add("--members", type=int, default=5_000, help="people in the run; eight in ten can be texted")
    add("--workers", type=int, default=2, help="Celery workers")
    add("--width", type=int, default=2, help="processes of each worker")
    add("--seed", type=int, default=1, help="of all chance; the report names it")
    add("--seconds", type=float, default=300, help="then it is called lost")
    add("--rough", type=float, default=1, help="how often calls go wrong, compared with the usual")
    add("--receipts", type=float, default=0.3, help="the share of receipts that Vibes delivers")
    add("--embedded", action="store_true", help="SQLite and the embedded Valkey, one worker")
    add("--unscaled", action="store_true", help="leases, permits and sweeps as in production")
    add("--naive", action="store_true", help="the usual loop instead of ours: must fail")
    add("--restore", action="store_true", help="restore a dump beside it, which must send nothing")
    for kind, (count, words) in COUNTS.items():
        add(f"--{kind}", type=int, help=f"{words} ({count})")
    add("--calm", action="store_true", help="of these faults only those that are asked for")


def of(arguments: argparse.Namespace) -> Options:
    """The options of parsed arguments; the embedded set has one worker, as the demo has."""
    chosen: dict[str, Any] = {each.name: getattr(arguments, each.name) for each in fields(Options)}
    for kind, (count, _) in COUNTS.items():
        if chosen[kind] is None:
            chosen[kind] = 0 if arguments.calm else count
    if chosen["embedded"]:
        chosen |= {"workers": 1, "width": max(chosen["width"], 3)}
    return Options(**chosen)
