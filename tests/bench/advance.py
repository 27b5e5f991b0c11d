"""`make bench NAME=advance ARGS="--people 100000 --json"`: people through Send SMS Message, nothing sent.

A database of its own is made (SQLite under a temporary folder, or PostgreSQL when DATABASE_URL names
a server), filled, and thrown away. The figures: seconds to enrol and to advance, the same for a tenth
of the people (the ratio shows whether time grows in step), and how much higher memory stood than with a tenth.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

MEMORY_LIMIT_MB = 30  # highest with all of the people less highest with a tenth of them
RATIO_LIMIT = 13.0  # ten times the people may take this many times as long


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder))
        from tests.bench.database import thrown_away  # Django must be set up first

        with thrown_away():
            figures = measure(options.people)
    report = _report(figures)
    print(json.dumps(report) if options.json else _table(report))
    return 0 if report["ok"] else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args()


def _set_up(folder: Path) -> None:
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()


def measure(people: int) -> dict[str, float]:
    """Seconds and megabytes for a tenth of the people, then for all of them."""
    from tests.bench.advance_world import run_through, world
    from tests.bench.memory import watched

    a_tenth_of_them = world(people // 10, prefix=200)
    with watched() as low:
        tenth, small = run_through(a_tenth_of_them)
    all_of_them = world(people, prefix=300)
    with watched() as high:
        seconds, texts = run_through(all_of_them)
    return {
        "people": people,
        "texts_queued": texts,
        "texts_queued_of_a_tenth": small,
        "enrol_seconds": round(seconds.enrol, 2),
        "advance_seconds": round(seconds.advance, 2),
        "people_a_second": round(people / seconds.advance),
        "ratio_to_a_tenth": round(seconds.advance / tenth.advance, 2),
        "memory_growth_mb": round(high.at_most - low.at_most, 1),
        "memory_mb": round(high.at_most, 1),
    }


def _report(figures: dict[str, float]) -> dict[str, object]:
    bars = {
        "memory_growth_mb": _bar(figures["memory_growth_mb"], MEMORY_LIMIT_MB),
        "ratio_to_a_tenth": _bar(figures["ratio_to_a_tenth"], RATIO_LIMIT),
    }
    ok = all(bar["ok"] for bar in bars.values())
    return {"name": "advance", "figures": figures, "bars": bars, "ok": ok}


def _bar(value: float, limit: float) -> dict[str, float | bool]:
    return {"value": value, "limit": limit, "ok": value <= limit}


def _table(report: dict[str, object]) -> str:
    figures = report["figures"]
    assert isinstance(figures, dict)
    return "\n".join(f"{name:26} {value:>12,}" for name, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
