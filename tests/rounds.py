"""Run the whole suite: on the embedded set, in a browser, and again on PostgreSQL and Redis.

What cannot run here is not passed over in silence: the last line names it. CI takes a missing
browser for a failure.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import migrated
from tests.chromium import find_or_install

PARALLEL = ("-n", "2", "-m", "not browser and not crash and not timed")
# Whole sites, with browsers, that spend half of their time waiting for each other: three on two cores.
SITES = (
    *("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-p", "no:randomly"),
    *("-m", "(browser or crash) and not timed"),
)
# Begun first, so that no process is left alone with one of them at the end. By their time, the longest before.
LONGEST_FIRST = (
    *("test_every_page.py", "test_deaf_worker.py", "test_restored.py", "test_without_broker.py"),
    *("test_run_later.py", "test_smart_list_alone.py", "test_points.py", "test_import_bombs.py"),
    *("test_from_nothing.py", "test_merge_and_delete.py", "test_screens.py", "test_slots.py"),
)
ONE_BY_ONE = ("-n", "0", "-m", "timed")
FAILED, NO_TESTS = 1, 5  # pytest's exit codes: tests were red; nothing fits what was asked for
FEW = 3
# What counts texts in the simulator's ledger: once in a hundred runs is once too often.
PROMISES = ("tests/storm/", "tests/crash/test_points.py", "tests/crash/test_restored.py")
SITES_MARKS, SPEED_MARKS = ("browser", "crash"), ("timed",)
TESTS = Path("tests")
SERVERS = ("TEST_DATABASE_URL", "TEST_REDIS_URL")


@dataclass(frozen=True)
class Round:
    """One call of pytest: what it covers, how, and on which servers.

    `marks`: those of its tests, where these are few. Only files that name one are read then, for each process
    takes long to read all.
    """

    title: str
    options: Sequence[str]
    environment: Mapping[str, str]
    marks: Sequence[str] = ()

    def files(self) -> list[str]:
        """Where its tests are."""
        if not self.marks:
            return []
        return [
            str(each) for each in sorted(TESTS.rglob("test_*.py"), key=_turn) if self._is_in(each)
        ]

    def _is_in(self, file: Path) -> bool:
        text = file.read_text(encoding="utf-8")
        return any(f"mark.{each}" in text for each in self.marks)


def _turn(file: Path) -> tuple[int, str]:
    known = file.name in LONGEST_FIRST
    return (LONGEST_FIRST.index(file.name) if known else len(LONGEST_FIRST)), str(file)


def main(arguments: Sequence[str]) -> int:
    """Run every round with `arguments` passed on to pytest; 0 only if all that ran is green."""
    with tempfile.TemporaryDirectory() as folder, migrated.kept(Path(folder)):
        browser = find_or_install()
        unsteady: list[str] = []
        codes = [_run(each, arguments, Path(folder), unsteady) for each in _rounds(folder)]
    missing = [*_missing_servers()]
    if browser is None:
        missing.insert(0, "browser tests (no Chromium, and none could be installed)")
        codes.append(1 if os.environ.get("CI") == "true" else 0)
    outcome = _sum(codes)
    ran = f"Not run here: {'; '.join(missing)}." if missing else "Everything ran."
    print(*_said(unsteady), ran, "What failed stands above." if outcome else "What ran is green.")
    return outcome


def _said(unsteady: Sequence[str]) -> list[str]:
    if not unsteady:
        return []
    named = "".join(f"\n  {each}" for each in unsteady)
    return [f"\nUNSTEADY, red among others and green alone; each is a fault to be found:{named}\n"]


def _rounds(folder: str) -> Iterator[Round]:
    embedded = {"DATABASE_URL": f"sqlite:///{folder}/unused.sqlite3", "REDIS_URL": ""}
    yield Round("SQLite", PARALLEL, embedded)
    yield Round("SQLite: browser and crashes", SITES, embedded, SITES_MARKS)
    yield Round("SQLite, one by one: speed", ONE_BY_ONE, embedded, SPEED_MARKS)
    if not _missing_servers():
        servers = {name.removeprefix("TEST_"): os.environ[name] for name in SERVERS}
        again = "--touching-database"
        yield Round("PostgreSQL and Redis", (*PARALLEL, again), servers)
        yield Round("PostgreSQL and Redis: crashes", (*SITES, again), servers, SITES_MARKS)
        title = "PostgreSQL and Redis, one by one: speed"
        yield Round(title, (*ONE_BY_ONE, again), servers, SPEED_MARKS)


def _missing_servers() -> list[str]:
    unset = [name for name in SERVERS if not os.environ.get(name)]
    return [f"PostgreSQL and Redis (set {' and '.join(unset)})"] if unset else []


def _run(one: Round, arguments: Sequence[str], folder: Path, unsteady: list[str]) -> int:
    """The exit code of a round; tests that were red and are green alone are added to `unsteady`."""
    print(f"\n== {one.title}", flush=True)
    kept = folder / one.title
    options = [*one.options, *(arguments or one.files()), "-o", f"cache_dir={kept}"]
    code = _pytest(options, one, folder)
    failed = _failed(kept)
    if code != FAILED or not _may_try_again(failed):
        return code
    print(f"\n== {one.title}: what failed, once more and alone", flush=True)
    code = _pytest([*options, "-n", "0", "--last-failed"], one, folder)
    unsteady += [] if code else failed
    return code


def _failed(cache: Path) -> list[str]:
    """The names of the tests that pytest wrote down as red."""
    written = cache / "v/cache/lastfailed"
    return sorted(json.loads(written.read_text("utf-8"))) if written.exists() else []


def _may_try_again(failed: Sequence[str]) -> bool:
    """A few, that waited in vain on a busy machine; never one that counts texts, twice or lost."""
    return 0 < len(failed) <= FEW and not any(each.startswith(PROMISES) for each in failed)


def _pytest(options: Sequence[str], one: Round, folder: Path) -> int:
    """Where Python is to keep nothing compiled, this run still does, for itself.

    It starts some two hundred processes, and each would spend four seconds on compiling the same thousand files.
    """
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment = os.environ | one.environment | (kept if sys.dont_write_bytecode else {})
    command = [sys.executable, "-m", "pytest", *options]
    return subprocess.run(command, env=environment, check=False).returncode


def _sum(codes: Sequence[int]) -> int:
    """The first failure; no test in a round is fine as long as another round had some."""
    failures = [code for code in codes if code not in (0, NO_TESTS)]
    return failures[0] if failures else min(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
