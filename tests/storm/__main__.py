"""`make storm ARGS="--members 5000 --kills 25 --seed 1 --json"`: see docs/storm.md."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import options, run, sweep


def main() -> int:
    arguments = _arguments()
    for each in (
        signal.SIGTERM,
        signal.SIGINT,
    ):  # whoever ends it does not leave its servers behind
        signal.signal(each, lambda *_: sys.exit(1))
    with _folder(keep=arguments.keep) as folder:
        report = _report(arguments, folder)
    print(json.dumps(report) if arguments.json else _table(report))
    return 0 if report["ok"] else 1


def _report(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    if arguments.sweep is not None:
        return sweep.sweep(folder, embedded=arguments.embedded, places=arguments.sweep)
    return run.storm(options.of(arguments), folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="storm", description=__doc__)
    options.add_to(parser)
    places = "every named place in every way, instead of a storm; or only those named"
    parser.add_argument("--sweep", nargs="*", metavar="PLACE", help=places)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs; says where")
    return parser.parse_args()


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    """A new folder, thrown away unless it is to be kept; the user who runs PostgreSQL finds its way in."""
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        if keep:
            print(f"Kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _table(report: dict[str, Any]) -> str:
    lines = [f"{name:30} {value}" for name, value in report["figures"].items()]
    lines += [f"{name:30} {value}" for name, value in report.get("faults", {}).items()]
    lines += [f"WRONG {each}" for each in report.get("wrong", [])]
    for name, bar in report.get("bars", {}).items():
        lines.append(f"{'ok' if bar['ok'] else 'MISSED':8} {name} {bar['value']} ({bar['limit']})")
    for name, found in report.get("invariants", {}).items():
        lines.append(f"{'holds' if found['holds'] else 'BROKEN':8} {name} {found['evidence']}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
