"""`make bench NAME=live_count ARGS="--people 100000 --database postgres://… --json"`: the Smart List tab's count.

A list of two filters (State is, Score at least), asked through the real view as the page asks it: the whole,
each filter, the first ten. Then the same with filters that nothing helps (contains), which may be answered
with “about”. On SQLite where no --database is named.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

SECONDS = 1.0  # p95 of the answers, two filters, a million people
Figures = dict[str, Any]


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder), options.database)
        from tests.bench import live_count_parts as parts  # Django must be set up first
        from tests.bench.database import thrown_away

        with thrown_away():
            figures = parts.measure(options.people, options.times)
    report = _report(figures)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20, help="how often each list is asked")
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path, database: str) -> None:
    os.environ["DATABASE_URL"] = database or f"sqlite:///{folder}/bench.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def _report(figures: Figures) -> dict[str, Any]:
    value = figures["two_filters_p95"]
    bars = {"two_filters_p95": {"value": value, "limit": SECONDS, "ok": value <= SECONDS}}
    return {"name": "live_count", "figures": figures, "bars": bars, "ok": value <= SECONDS}


def _table(report: dict[str, Any]) -> str:
    lines = [f"{name:24} {value}" for name, value in report["figures"].items()]
    return "\n".join([*lines, "ok" if report["ok"] else "MISSED"])


if __name__ == "__main__":
    sys.exit(main())
