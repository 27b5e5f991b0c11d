"""`make bench NAME=people_page ARGS="--database postgres://… --json"`: a page of people at a million.

The real view, asked in this process by Django's test client: every column that has an index, in both
directions, the first page, and pages at nine tenths of the way. Columns without an index, and searches,
stand beside without a bar. On SQLite where no --database is named.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

P95_MS = 200.0  # of the first page, by any column with an index
DEEP_TO_FIRST = 3.0  # median of a page at nine tenths of the way, to that of the first page
Figures = dict[str, float]


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder), options.database)
        from tests.bench.database import thrown_away  # Django must be set up first

        with thrown_away():
            figures = measure(options)
    report = _report(figures)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=50, help="how often each page is asked for")
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path, database: str) -> None:
    os.environ["DATABASE_URL"] = database or f"sqlite:///{folder}/bench.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def measure(options: argparse.Namespace) -> Figures:
    from tests.bench import people_page_parts as parts

    figures: Figures = {"fill_s": parts.fill(options.people)}
    return figures | parts.measure(options.people, options.times)


def _report(figures: Figures) -> dict[str, Any]:
    limits = {"p95_ms": P95_MS, "deep_to_first": DEEP_TO_FIRST}
    bars = {name: _bar(figures[name], limit) for name, limit in limits.items()}
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "people_page", "figures": figures, "bars": bars, "ok": ok}


def _bar(value: float, limit: float) -> dict[str, float | bool]:
    return {"value": value, "limit": limit, "ok": value <= limit}


def _table(report: dict[str, Any]) -> str:
    bars = {
        name: f"{'ok' if bar['ok'] else 'MISSED'} {bar['value']} ({bar['limit']})"
        for name, bar in report["bars"].items()
    }
    lines = [f"{name:40} {value:>12,}" for name, value in report["figures"].items()]
    return "\n".join(lines + [f"{name:40} {said}" for name, said in bars.items()])


if __name__ == "__main__":
    sys.exit(main())
