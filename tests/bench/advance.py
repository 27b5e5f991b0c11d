"""`make bench NAME=advance ARGS="--people 1000000 --json"`: people through Change Data Value → Send SMS
Message → Wait, nothing sent.

A database of its own is made (SQLite under a temporary folder, or PostgreSQL when DATABASE_URL or
--database names a server), filled, and thrown away. A hundredth of the people, a tenth and all of
them go, each time in a process of its own. Then the rows they left (entries, verdicts, texts,
history) are written once more by a bare INSERT … SELECT, in the same tables with the same indexes.
Bars compare processor time, of ours and of the database's backend together, since others may be
busy too; the clock's figures stand beside. --profile says what the time goes to.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

MEMORY_LIMIT_MB = 50  # highest with all of the people less highest with a hundredth of them
GROWTH_LIMIT = 1.3  # time a person with all of them, to that with a tenth
BARE_LIMIT = 6.0  # enrolling and advancing, to a bare INSERT … SELECT of the same rows
Figures = dict[str, float]


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder), options.database)
        from tests.bench.database import thrown_away  # Django must be set up first

        with thrown_away():
            figures = measure(options.people)
            if options.profile:
                _profile(options.people // 10)
    report = _report(figures)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="postgres://… of a server to measure on")
    parser.add_argument("--profile", action="store_true", help="say what the time goes to")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path, database: str) -> None:
    if database:
        os.environ["DATABASE_URL"] = database
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def measure(people: int) -> Figures:
    """What a hundredth, a tenth and all of the people take, by microsecond and person."""
    from django.db import connections

    from tests.bench import advance_parts as parts
    from tests.crash import forks

    figures: Figures = {"people": people}
    for name, part in {"hundredth": people // 100, "tenth": people // 10, "all": people}.items():
        connections.close_all()  # the child makes its own
        forks.ask(partial(parts.populate, part, name))
        told = forks.ask(partial(parts.walk, name))
        figures |= {f"{name}_{what}": value for what, value in told.items()}
    bare: Figures = forks.ask(partial(parts.bare, "all"))
    return figures | bare


def _profile(people: int) -> None:
    from django.db import connections

    from tests.bench import advance_parts as parts
    from tests.crash import forks

    connections.close_all()
    forks.ask(partial(parts.populate, people, "profiled"))
    print(forks.ask(partial(parts.profiled, "profiled")))


def _report(figures: Figures) -> dict[str, Any]:
    ours = figures["all_enrol_us"] + figures["all_advance_us"]
    clock = figures["all_enrol_clock_us"] + figures["all_advance_clock_us"]
    ratio = round(ours / figures["bare_us"], 2)
    figures |= {"to_bare_by_clock": round(clock / figures["bare_clock_us"], 2), "to_bare": ratio}
    growth = figures["all_memory_mb"] - figures["hundredth_memory_mb"]
    bars = {
        "memory_growth_mb": _bar(round(growth, 1), MEMORY_LIMIT_MB),
        "time_to_a_tenth": _bar(
            round(figures["all_advance_us"] / figures["tenth_advance_us"], 2), GROWTH_LIMIT
        ),
        "to_bare": _bar(ratio, BARE_LIMIT),
    }
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "advance", "figures": figures, "bars": bars, "ok": ok}


def _bar(value: float, limit: float) -> dict[str, float | bool]:
    return {"value": value, "limit": limit, "ok": value <= limit}


def _table(report: dict[str, Any]) -> str:
    bars = {
        name: f"{'ok' if bar['ok'] else 'MISSED'} {bar['value']} ({bar['limit']})"
        for name, bar in report["bars"].items()
    }
    lines = [f"{name:30} {value:>12,}" for name, value in report["figures"].items()]
    return "\n".join(lines + [f"{name:30} {said}" for name, said in bars.items()])


if __name__ == "__main__":
    sys.exit(main())
