"""`make bench NAME=callbacks ARGS="--json"`: how fast callbacks are taken in, beside a worker that applies them.

The real site is started (the web process as the supervisor starts it, a worker, beat) on a database
of its own: SQLite in a temporary folder, or PostgreSQL where --database names a server. Another
process then sends receipts at 300 a second, one in ten of them forged or odd, and takes the time of
each. At last, without the worker, it sends as fast as it gets answers, to our address and to a view
that applies receipts through the ORM before it answers (tests/bench/callbacks_urls.py).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.processes import Site
    from tests.bench.callbacks_world import Call

RATE = 300
P99_LIMIT_MS = 100.0
RATIO_LIMIT = 3.0
CONNECTIONS = 16
Answers = list[tuple[float, int]]


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        set_up(Path(folder), options.database)
        from tests.bench.database import thrown_away  # Django must be set up first

        with thrown_away():
            figures = measure(Path(folder), options.seconds)
    report = _report(figures)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="of each of the three parts")
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def set_up(folder: Path, database: str) -> None:
    os.environ["DATABASE_URL"] = database or f"sqlite:///{folder}/bench.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


# --- Measured -------------------------------------------------------------------------------------


def measure(folder: Path, seconds: int) -> dict[str, float]:
    from tests.bench import callbacks_world as world
    from vibes import callbacks

    account, ids = world.texts(max(600, RATE * seconds // 3), prefix=300)
    account.refresh_from_db()
    token, calls = account.callback_token, RATE * seconds
    with _site(folder) as site:
        with _worker(site):
            warm = world.mixed(5 * RATE, ids, token, random.Random(0))
            _load(folder, site, warm, rate=RATE)  # it is not their start that is measured
            _until_applied()
            told = world.mixed(calls, ids, token, random.Random(1))
            timed = _load(folder, site, told, rate=RATE)
            behind = callbacks.to_apply().count()
            caught_up = _until_applied()
        plain = list(islice(world.receipts(ids), 4_000 * seconds))
        ours = _load(
            folder, site, [(f"/vibes/callbacks/{token}/", each) for each in plain], seconds
        )
        plain = list(islice(world.receipts(ids), 1_500 * seconds))
        naive = _load(folder, site, [(f"/naive/{token}/", each) for each in plain], seconds)
    return _timed_figures(timed) | {
        "waiting_at_the_end": behind,
        "seconds_to_catch_up": round(caught_up, 1),
        "intake_a_second": round(len(ours) / seconds),
        "naive_a_second": round(len(naive) / seconds),
        "ratio": round(len(ours) / len(naive), 2),
        "not_200_at_full_speed": sum(status != 200 for _, status in ours + naive),
    }


def _timed_figures(answers: Answers) -> dict[str, float]:
    percent = quantiles([1000 * waited for waited, _ in answers], n=100)
    statuses = Counter(status for _, status in answers)
    return {
        "calls": len(answers),
        "p50_ms": round(percent[49], 1),
        "p99_ms": round(percent[98], 1),
        "slowest_ms": round(max(1000 * waited for waited, _ in answers), 1),
        "answers_5xx": sum(count for status, count in statuses.items() if status >= 500),
        "answers_other": len(answers) - statuses[200] - statuses[404],
        "answers_404": statuses[404],
    }


def _until_applied() -> float:
    """Seconds until the worker had applied what does not wait for Vibes, which is not there."""
    from vibes.models import Callback

    began = time.monotonic()
    waiting = Callback.objects.filter(applied_at=None, outcome="")
    while waiting.exists() and time.monotonic() - began < 120:
        time.sleep(0.5)
    return time.monotonic() - began


def _load(
    folder: Path, site: Site, calls: Sequence[Call], seconds: int = 0, *, rate: int = 0
) -> Answers:
    plan = folder / "plan.json"
    plan.write_text(
        json.dumps(
            {
                "host": "127.0.0.1",
                "port": site.port,
                "connections": CONNECTIONS,
                "seconds": seconds,
                "rate": rate,
                "calls": calls,
            }
        )
    )
    command = [sys.executable, "-m", "tests.bench.callbacks_load", str(plan)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [(waited, status) for waited, status in json.loads(done.stdout)]


# --- The site -------------------------------------------------------------------------------------


@contextmanager
def _site(folder: Path) -> Iterator[Site]:
    """The web process and its broker; Vibes itself is nowhere."""
    from config import broker
    from config.ports import free_port
    from config.processes import Site
    from config.readiness import answers, wait_for
    from config.supervisor import Process

    chosen = broker.choose(folder, surroundings=os.environ)
    site = Site(
        var=folder,
        port=free_port(),
        sim_port=free_port(),
        broker_url=chosen.url,
        extra=_surroundings(),
        settings="tests.bench.callbacks_settings",
    )
    programs = [*([chosen.program] if chosen.program else []), site.web()]
    running = [Process(each, say=_say) for each in programs]
    try:
        for each in running:
            each.start()
        if not wait_for(lambda: answers(f"{site.local_url}/healthz"), seconds=60):
            raise TimeoutError("The site did not start.")
        yield site
    finally:
        for each in reversed(running):
            each.stop()


@contextmanager
def _worker(site: Site) -> Iterator[None]:
    """A worker with beat, as beside every site."""
    from config.supervisor import Process

    running = [Process(each, say=_say) for each in (site.worker(), site.listener(), site.beat())]
    try:
        for each in running:
            each.start()
        yield
    finally:
        for each in reversed(running):
            each.stop()


def _surroundings() -> dict[str, str]:
    """The thrown-away database, and the keys its secrets were written with."""
    from django.conf import settings
    from django.db import connection

    name, url = connection.settings_dict["NAME"], os.environ["DATABASE_URL"]
    here = (
        f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{url.rpartition('/')[0]}/{name}"
    )
    return {
        "DATABASE_URL": here,
        "FIELD_KEYS": settings.FIELD_KEYS[0],
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "ERROR",
    }


def _say(name: str, line: str) -> None:
    if os.environ.get("VERBOSE"):
        print(f"{name}: {line}", file=sys.stderr)


# --- Told -----------------------------------------------------------------------------------------


def _report(figures: dict[str, float]) -> dict[str, object]:
    bars = {
        "p99_ms": _bar(figures, "p99_ms", at_most=P99_LIMIT_MS),
        "answers_5xx": _bar(figures, "answers_5xx", at_most=0),
        "answers_other": _bar(figures, "answers_other", at_most=0),
        "not_200_at_full_speed": _bar(figures, "not_200_at_full_speed", at_most=0),
        "ratio": {
            "value": figures["ratio"],
            "limit": RATIO_LIMIT,
            "ok": figures["ratio"] >= RATIO_LIMIT,
        },
    }
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "callbacks", "figures": figures, "bars": bars, "ok": ok}


def _bar(figures: dict[str, float], name: str, *, at_most: float) -> dict[str, float | bool]:
    return {"value": figures[name], "limit": at_most, "ok": figures[name] <= at_most}


def _table(report: dict[str, object]) -> str:
    figures = report["figures"]
    assert isinstance(figures, dict)
    return "\n".join(f"{name:26} {value:>12,}" for name, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
