"""Run the whole suite: on the embedded set, in a browser, and again on PostgreSQL and Redis.

What cannot run here is not passed over in silence: the last line names it. CI takes a missing
browser for a failure.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.chromium import find_or_install

PARALLEL = ("-n", "2", "-m", "not browser and not crash and not timed")
# Whole sites, with browsers, that spend half of their time waiting for each other.
SITES = ("-n", "2", "--dist", "loadfile", "-m", "(browser or crash) and not timed")
ONE_BY_ONE = ("-n", "0", "-m", "timed")
NO_TESTS = 5  # pytest's exit code when nothing fits what was asked for
SERVERS = ("TEST_DATABASE_URL", "TEST_REDIS_URL")


@dataclass(frozen=True)
class Round:
    """One call of pytest: what it covers, how, and on which servers."""

    title: str
    options: Sequence[str]
    environment: Mapping[str, str]


def main(arguments: Sequence[str]) -> int:
    """Run every round with `arguments` passed on to pytest; 0 only if all that ran is green."""
    with tempfile.TemporaryDirectory() as folder:
        browser = find_or_install()
        codes = [_run(each, arguments) for each in _rounds(folder)]
    missing = [*_missing_servers()]
    if browser is None:
        missing.insert(0, "browser tests (no Chromium, and none could be installed)")
        codes.append(1 if os.environ.get("CI") == "true" else 0)
    outcome = _sum(codes)
    ran = f"Not run here: {'; '.join(missing)}." if missing else "Everything ran."
    print(ran, "What failed stands above." if outcome else "What ran is green.")
    return outcome


def _rounds(folder: str) -> Iterator[Round]:
    embedded = {"DATABASE_URL": f"sqlite:///{folder}/unused.sqlite3", "REDIS_URL": ""}
    yield Round("SQLite", PARALLEL, embedded)
    yield Round("SQLite: browser and crashes", SITES, embedded)
    yield Round("SQLite, one by one: speed", ONE_BY_ONE, embedded)
    if not _missing_servers():
        servers = {name.removeprefix("TEST_"): os.environ[name] for name in SERVERS}
        again = "--touching-database"
        yield Round("PostgreSQL and Redis", (*PARALLEL, again), servers)
        yield Round("PostgreSQL and Redis: crashes", (*SITES, again), servers)
        yield Round("PostgreSQL and Redis, one by one: speed", (*ONE_BY_ONE, again), servers)


def _missing_servers() -> list[str]:
    unset = [name for name in SERVERS if not os.environ.get(name)]
    return [f"PostgreSQL and Redis (set {' and '.join(unset)})"] if unset else []


def _run(one: Round, arguments: Sequence[str]) -> int:
    print(f"\n== {one.title}", flush=True)
    command = [sys.executable, "-m", "pytest", *one.options, *arguments]
    return subprocess.run(command, env=os.environ | one.environment, check=False).returncode


def _sum(codes: Sequence[int]) -> int:
    """The first failure; no test in a round is fine as long as another round had some."""
    failures = [code for code in codes if code not in (0, NO_TESTS)]
    return failures[0] if failures else min(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
