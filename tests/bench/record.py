"""`make bench NAME=record ARGS="--database postgres://… --json"`: writing down what became of texts.

  record  batches of 500 accepted texts with their verdicts and history, as delivery settles them,
          and the same rows by Django's bulk_update and bulk_create, turn by turn in the same tables
  claim   taking texts to send, with 100,000 of them waiting and with 1,000,000
On SQLite where no --database is named. Bars compare processor time, of ours and of the database's
backend together, since others may be busy too; the clock's figures stand beside.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

OURS_TO_USUAL = 15.0  # rows a second of processor time
MANY_TO_FEW = 0.85  # rows claimed a second, with all waiting, to that with a tenth
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
    parser.add_argument("--texts", type=int, default=30_000, help="to be written down, each way")
    parser.add_argument("--waiting", type=int, default=1_000_000, help="at most, for the claims")
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--only", default="", help="record or claim")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path, database: str) -> None:
    os.environ["DATABASE_URL"] = database or f"sqlite:///{folder}/bench.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def measure(options: argparse.Namespace) -> Figures:
    from tests.bench import record_parts as parts

    figures: Figures = {}
    if options.only in ("", "record"):
        figures |= parts.record(options.texts)
    if options.only in ("", "claim"):
        figures |= parts.claims(options.waiting)
    return figures


def _report(figures: Figures) -> dict[str, Any]:
    bars = {
        name: _bar(figures[name], limit)
        for name, limit in {"ours_to_usual": OURS_TO_USUAL, "many_to_few": MANY_TO_FEW}.items()
        if name in figures
    }
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "record", "figures": figures, "bars": bars, "ok": ok}


def _bar(value: float, limit: float) -> dict[str, float | bool]:
    return {"value": value, "limit": limit, "ok": value >= limit}


def _table(report: dict[str, Any]) -> str:
    bars = {
        name: f"{'ok' if bar['ok'] else 'MISSED'} {bar['value']} ({bar['limit']})"
        for name, bar in report["bars"].items()
    }
    lines = [f"{name:30} {value:>12,}" for name, value in report["figures"].items()]
    return "\n".join(lines + [f"{name:30} {said}" for name, said in bars.items()])


if __name__ == "__main__":
    sys.exit(main())
