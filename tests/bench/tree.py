"""`make bench NAME=tree ARGS="--database postgres://… --json"`: the tree at 10,000 nodes, and a long flow.

The real views, asked in this process by Django's test client: the first page, every opening of some folders, the
tree asked for again, with 100 nodes and with 10,000 (as many in each folder); and a change in one card of a
flow of 60 steps with five choices each. Searches, and what the page asks after such a change (what is wrong with the
whole flow), stand beside without a bar. SQLite where no --database is named.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

# What may be asked of each figure at most.
LIMITS = {
    "page_ratio": 1.5,
    "opening_ratio": 1.5,
    "page_more_queries": 0,
    "opening_more_queries": 0,
    "card_p95_ms": 150.0,
}
Figures = dict[str, float]


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder), options.database)
        from tests.bench.database import thrown_away  # Django must be set up first

        with thrown_away():
            figures = _measure(options)
    report = _report(figures)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=60, help="how often each page is asked for")
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path, database: str) -> None:
    os.environ["DATABASE_URL"] = database or f"sqlite:///{folder}/bench.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def _measure(options: argparse.Namespace) -> Figures:
    from tests.bench import tree_parts as parts

    return parts.measure(options.nodes, options.times)


def _report(figures: Figures) -> dict[str, Any]:
    bars = {name: _bar(figures[name], limit) for name, limit in LIMITS.items()}
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "tree", "figures": figures, "bars": bars, "ok": ok}


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
