"""`make bench NAME=audience ARGS="--database postgres://… --json"`: a million people, from a list to a frozen run.

  scan    the bare join that any answer needs: the people a smart list finds, and their subscriptions, counted
  count   how many would be texted and how many not, by reason, through the gate (vibes.census); nothing written
  freeze  the run's members written down in cohorts, by number (campaigns.enrolling), and counted by reason
  usual   the careful loop with the ORM: people in chunks, their subscriptions as a set, bulk_create; of a part
On SQLite where no --database is named. Bars compare processor time, of ours and of the database's backend
together, per person found; the clock's figures stand beside.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

COUNT_TO_SCAN, FREEZE_TO_SCAN, USUAL_TO_FREEZE = 2.5, 5.0, 10.0
MOST_MEMORY = 50.0  # megabytes above what was there
Figures = dict[str, float]


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder), options.database)
        from tests.bench import audience_parts as parts
        from tests.bench.database import thrown_away  # Django must be set up first

        with thrown_away():
            figures = parts.measure(options.people, usual=options.usual, times=options.times)
    report = _report(figures)
    print(json.dumps(report) if options.json else json.dumps(report, indent=2))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--usual", type=int, default=20_000, help="people of the usual loop")
    parser.add_argument("--times", type=int, default=3, help="each is measured; the best counts")
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path, database: str) -> None:
    os.environ["DATABASE_URL"] = database or f"sqlite:///{folder}/bench.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def _report(figures: Figures) -> dict[str, Any]:
    bars = {
        "count_to_scan": _at_most(figures["count_to_scan"], COUNT_TO_SCAN),
        "freeze_to_scan": _at_most(figures["freeze_to_scan"], FREEZE_TO_SCAN),
        "usual_to_freeze": _at_least(figures["usual_to_freeze"], USUAL_TO_FREEZE),
        "memory_mb": _at_most(figures["memory_mb"], MOST_MEMORY),
    }
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "audience", "figures": figures, "bars": bars, "ok": ok}


def _at_most(value: float, limit: float) -> dict[str, float | bool]:
    return {"value": value, "limit": limit, "ok": value <= limit}


def _at_least(value: float, limit: float) -> dict[str, float | bool]:
    return {"value": value, "limit": limit, "ok": value >= limit}


if __name__ == "__main__":
    sys.exit(main())
