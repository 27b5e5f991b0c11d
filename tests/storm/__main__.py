"""`make storm ARGS="--members 5000 --kills 25 --seed 1 --json"`: see docs/storm.md."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from . import options, run


def main() -> int:
    arguments = _arguments()
    report = run.in_folder(options.of(arguments), keep=arguments.keep)
    print(json.dumps(report) if arguments.json else _table(report))
    return 0 if report["ok"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="storm", description=__doc__)
    options.add_to(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--keep", action="store_true", help="keep the folder with databases and logs")
    return parser.parse_args()


def _table(report: dict[str, Any]) -> str:
    lines = [f"{name:30} {value}" for name, value in report["figures"].items()]
    lines += [f"{name:30} {value}" for name, value in report["faults"].items()]
    for name, bar in report["bars"].items():
        lines.append(f"{'ok' if bar['ok'] else 'MISSED':8} {name} {bar['value']} ({bar['limit']})")
    for name, found in report["invariants"].items():
        lines.append(f"{'holds' if found['holds'] else 'BROKEN':8} {name} {found['evidence']}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
