"""`make bench NAME=send ARGS="--json"`: texts a second, CPU and memory of a text, three ways in one run.

Against a provider that answers after 50 ms (tests/bench/stub.py), with PostgreSQL and Redis where
--database and --redis name them, else on SQLite without:
  bare    requests with the same pool, and no database
  ours    the engine, permits and write-ahead and all, without a limit
  usual   one Celery task a person: ORM get, requests.post, save; with the default worker, and with 16 processes
Then ours under a limit of 300 a second that the provider enforces, at a set rate below it, shared by 1, 2 and
8 processes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

PROCESSES, LIMIT = 2, 300
OURS_TO_USUAL_16, OURS_TO_USUAL, CPU_TO_BARE = 8.0, 25.0, 1.5
SHARE_OF_RATE, TOO_FAST = 0.97, 1 / 10_000


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder), options)
        from tests.bench.database import thrown_away  # Django must be set up first

        with thrown_away():
            figures = measure(options)
    report = _report(figures)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=40_000, help="of ours and of bare requests")
    parser.add_argument("--delay-ms", type=float, default=50)
    parser.add_argument("--slots", type=int, default=128, help="calls on the wire, each process")
    parser.add_argument("--seconds", type=int, default=60, help="under the limit, each time")
    parser.add_argument("--rate", type=int, default=240, help="set where 300 a second are enforced")
    parser.add_argument("--sharers", default="1,2,8", help="how many processes share the limit")
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--redis", default="", help="redis://… for the shared rate and for Celery")
    parser.add_argument("--only", default="", help="bare,ours,usual,limit: some parts only")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path, options: argparse.Namespace) -> None:
    os.environ["DATABASE_URL"] = options.database or f"sqlite:///{folder}/bench.sqlite3"
    os.environ["REDIS_URL"] = options.redis
    os.environ["SEND_LOOPS"], os.environ["SEND_SLOTS"] = "8", str(options.slots)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def measure(options: argparse.Namespace) -> dict[str, float]:
    from tests.bench import send_parts as parts

    wanted = set(filter(None, options.only.split(",")))
    figures: dict[str, float] = {}
    with ExitStack() as stack:
        stub = stack.enter_context(parts.stub(options.delay_ms))
        for name, part in {"bare": parts.bare, "ours": parts.ours, "usual": parts.usual}.items():
            if not wanted or name in wanted:
                figures |= part(stub, options)
    if not wanted or "limit" in wanted:
        figures |= parts.limited(options, limit=LIMIT)
    return figures


def _report(figures: dict[str, float]) -> dict[str, Any]:
    bars: dict[str, dict[str, float | bool]] = {}

    def ratio(
        name: str, above: str, below: str, *, at_least: float = 0, at_most: float = 0
    ) -> None:
        if above in figures and figures.get(below):
            value = round(figures[above] / figures[below], 2)
            ok = value >= at_least if at_least else value <= at_most
            bars[name] = {"value": value, "limit": at_least or at_most, "ok": ok}

    ratio("ours_to_usual_16", "ours_a_second", "usual_16_a_second", at_least=OURS_TO_USUAL_16)
    ratio("ours_to_usual", "ours_a_second", "usual_a_second", at_least=OURS_TO_USUAL)
    ratio("cpu_ours_to_bare", "ours_cpu_ms", "bare_cpu_ms", at_most=CPU_TO_BARE)
    for name, value in figures.items():
        if name.endswith("share_of_rate"):
            bars[name] = {"value": value, "limit": SHARE_OF_RATE, "ok": value >= SHARE_OF_RATE}
        if name.endswith("too_fast"):
            bars[name] = {"value": value, "limit": TOO_FAST, "ok": value <= TOO_FAST}
        if name.endswith("sent_again"):
            bars[name] = {"value": value, "limit": 0, "ok": value == 0}
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "send", "figures": figures, "bars": bars, "ok": ok}


def _table(report: dict[str, Any]) -> str:
    bars = {
        name: f"{'ok' if bar['ok'] else 'MISSED'} {bar['value']} ({bar['limit']})"
        for name, bar in report["bars"].items()
    }
    lines = [f"{name:30} {value:>12,}" for name, value in report["figures"].items()]
    return "\n".join(lines + [f"{name:30} {said}" for name, said in bars.items()])


if __name__ == "__main__":
    sys.exit(main())
