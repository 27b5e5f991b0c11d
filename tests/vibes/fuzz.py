"""`make fuzz ARGS="--count 10000"`: throw rubbish at the callback endpoint, on a database of its own."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.bench.callbacks import set_up


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="postgres://… of a server to try it on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        set_up(Path(folder), options.database)
        report = throw(Path(folder), seed=options.seed, count=options.count)
    print(json.dumps(report))
    return 0 if report["ok"] else 1


def throw(folder: Path, *, seed: int, count: int) -> dict[str, object]:
    """Throw them, with a simulator that can be asked."""
    from django.test.utils import setup_test_environment

    from tests.bench.database import thrown_away
    from tests.vibes import make
    from tests.vibes.fuzzed import Range
    from tests.vibes.pretend import Simulator

    setup_test_environment()
    simulator = Simulator(folder)
    try:
        simulator.wait()
        with thrown_away():
            account = make.account(base_url=simulator.url, calls_per_second=1_000_000)
            return Range(account, simulator).throw(seed=seed, count=count)
    finally:
        simulator.stop()


if __name__ == "__main__":
    sys.exit(main())
