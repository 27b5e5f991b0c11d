"""`make bench NAME=activity_growth ARGS="--rows 50000000 --database postgres://… --json"`: history as it grows.

Lines are written through `activity.record`, as delivery writes them, into a log of 0, 1, 10 and 50 million
(as far as --rows goes); between, it is filled over the last twelve months. The bar is the rate at the end
to that of the empty log, by processor time, since others may be busy too; the clock's figures stand beside.
On SQLite where no --database is named. Takes some 450 bytes of disk a line, and gives them back.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

KEEPS = 0.4
LEVELS = [0, 1_000_000, 10_000_000, 50_000_000]
BYTES = (
    450  # of disk a line while it is written: the line, its indexes, and the log of the database
)
Figures = dict[str, float]


def main() -> int:
    options = _options()
    if (free := shutil.disk_usage(tempfile.gettempdir()).free) < options.rows * BYTES:
        print(f"{free / 1e9:.0f} GB are free, {options.rows * BYTES / 1e9:.0f} are needed.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder), options.database)
        from tests.bench.database import thrown_away  # Django must be set up first

        with thrown_away():
            from tests.bench import activity_growth_parts as parts

            figures = parts.grow(_levels(options.rows), options.lines)
    report = _report(figures, options.rows)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000, help="how large it grows")
    parser.add_argument("--lines", type=int, default=100_000, help="written at each size")
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path, database: str) -> None:
    os.environ["DATABASE_URL"] = database or f"sqlite:///{folder}/bench.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def _levels(rows: int) -> list[int]:
    return [*(level for level in LEVELS if level < rows), rows]


def _report(figures: Figures, rows: int) -> dict[str, Any]:
    value = round(figures["us_at_0"] / figures[f"us_at_{rows}"], 2)
    bars = {"keeps": {"value": value, "limit": KEEPS, "ok": value >= KEEPS}}
    return {"name": "activity_growth", "figures": figures, "bars": bars, "ok": bars["keeps"]["ok"]}


def _table(report: dict[str, Any]) -> str:
    bar = report["bars"]["keeps"]
    lines = [f"{name:30} {value:>14,}" for name, value in report["figures"].items()]
    said = "ok" if bar["ok"] else "MISSED"
    return "\n".join([*lines, f"{'keeps':30} {said} {bar['value']} ({bar['limit']})"])


if __name__ == "__main__":
    sys.exit(main())
