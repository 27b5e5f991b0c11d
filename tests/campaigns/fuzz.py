"""`make fuzz ARGS="--of audience --count 100000"`: hold smart lists against the evaluator, on a database of
its own."""

import argparse
import json
import os
import sys
import tempfile
from time import monotonic

ZONES = ["America/Chicago", "UTC", "Asia/Beirut", "Pacific/Auckland", "America/St_Johns"]
EACH = 1_000  # smart lists for one set of people


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="postgres://… of a server to try it on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(folder, options.database)
        report = throw(seed=options.seed, count=options.count)
    print(json.dumps(report))
    return 0 if report["ok"] else 1


def _set_up(folder: str, database: str) -> None:
    import django

    os.environ["DATABASE_URL"] = database or f"sqlite:///{folder}/fuzz.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()


def throw(*, seed: int, count: int) -> dict[str, object]:
    """Random people again and again, and for each set of them random smart lists."""
    from django.db import connection
    from django.test.utils import setup_test_environment

    from tests.bench.database import thrown_away
    from tests.campaigns.proof import prove

    setup_test_environment()
    report: dict[str, object] = {"of": "audience", "database": connection.vendor, "seed": seed}
    begun, held, wrong = monotonic(), 0, ""
    with thrown_away():
        while held < count and not wrong:
            part, size = seed * 1_000_003 + held, min(EACH, count - held)
            try:
                held += prove(zone=ZONES[part % len(ZONES)], seed=part, examples=size)
            except AssertionError as differs:
                wrong = str(differs)
    seconds = round(monotonic() - begun, 1)
    return report | {"held": held, "seconds": seconds, "ok": not wrong, "differs": wrong}


if __name__ == "__main__":
    sys.exit(main())
