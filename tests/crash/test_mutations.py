"""Take one safeguard away, and a test turns red: what would stay green without them proves nothing.

On SQLite whoever writes locks everything, so that nothing there misses the lock of a row: these are
taken away on PostgreSQL, and only these, for the time it costs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from config.processes import ROOT
from tests import migrated

# In the round on PostgreSQL is what touches a database.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.django_db]
PARTS = ("people", "vibes", "campaigns", "config", "templates", "static", "tests")


@dataclass(frozen=True)
class Safeguard:
    """Where it stands, what takes it away (old words, new words, in each file), and which test must notice."""

    name: str
    changes: tuple[tuple[str, str, str], ...]
    test: str


SAFEGUARDS = [
    Safeguard(
        "the gate asked again at the moment of sending",
        (("vibes/claiming.py", "refused = _refused(ours, house)", "refused = {}"),),
        "tests/vibes/test_delivery.py::test_asks_the_gate_once_more_before_sending",
    ),
    Safeguard(
        "the permit of five seconds",
        (
            ("vibes/pump.py", "if monotonic() - permitted_at > PERMIT:", "if False:"),
            ("vibes/pump.py", "not_after=permitted_at + PERMIT", "not_after=1e12"),
        ),
        "tests/vibes/test_permit.py",
    ),
    Safeguard(
        "the check of the lease",
        (("vibes/ranges.py", "if not paused} & {*held}", "if not paused} | {*held}"),),
        "tests/vibes/test_delivery.py::test_a_worker_that_lost_its_lease_sends_nothing",
    ),
    Safeguard(
        "the lease of each row, where a range was claimed twice",
        (
            (
                "vibes/claiming.py",
                "if (row.range_id, row.lease_no) in held",
                "if row.range_id in {pk for pk, _ in held}",
            ),
            (
                "vibes/claiming.py",
                "for pk, row in ours.items()",
                "for row in rows for pk in [row.pk]",
            ),
        ),
        "tests/vibes/test_ranges.py",
    ),
    Safeguard(
        "the unique key, of which the event id is drawn",
        (
            (
                "vibes/models/outbox.py",
                'name="one_row_an_intention",',
                'name="x", condition=Q(pk=0)',
            ),
            ("vibes/models/outbox.py", "models.UUIDField(unique=True)", "models.UUIDField()"),
        ),
        "tests/vibes/test_outbox.py",
    ),
    Safeguard(
        "the fence before what a lost worker still writes",
        (("vibes/settling.py", "if leases[pk] == each.lease_no}", "}"),),
        "tests/vibes/test_ranges.py",
    ),
    Safeguard(
        "the hold of a paused run, asked under the lock",
        (("vibes/ranges.py", "if not paused} & {*held}", "} & {*held}"),),
        "tests/vibes/test_ranges.py",
    ),
]
MEETING = "tests/vibes/test_number_lock.py"
LOCKS = [
    Safeguard(
        "the lock of a number that a permission takes",
        (("vibes/claiming.py", "list(numbers.select_for_update()", "list(numbers"),),
        MEETING,
    ),
    Safeguard(
        "the lock of a number that an opt-out takes",
        (("vibes/numbers.py", "objects.select_for_update().get(", "objects.get("),),
        MEETING,
    ),
]
HERE = LOCKS if connection.vendor == "postgresql" else SAFEGUARDS


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project once more, to be spoilt."""
    there = tmp_path_factory.mktemp("mutated")
    for part in PARTS:
        shutil.copytree(ROOT / part, there / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "manage.py"):
        shutil.copy(ROOT / file, there)
    return there


@pytest.mark.parametrize("safeguard", HERE, ids=lambda each: each.name)
def test_without_it_a_test_turns_red(copy: Path, safeguard: Safeguard) -> None:
    whole = {path: (copy / path).read_text() for path, *_ in safeguard.changes}
    try:
        for path, old, new in safeguard.changes:
            words = (copy / path).read_text()
            assert old in words, f"{old} is not in {path} any more: this test must follow."
            (copy / path).write_text(words.replace(old, new))
        assert _run(copy, safeguard.test) == 1
    finally:
        for path, words in whole.items():
            (copy / path).write_text(words)


def test_with_all_of_them_the_same_tests_are_green(copy: Path) -> None:
    assert _run(copy, *{each.test for each in HERE}) == 0


def _run(where: Path, *tests: str) -> int:
    """How the tests end, with tables made from the models as they stand there."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "--no-migrations", *tests]
    surroundings = {"PYTHONPATH": str(where), "DATABASE_URL": _database(where)}
    names = ("PYTEST_XDIST_WORKER", "REDIS_URL", "PYTEST_ADDOPTS", migrated.FOLDER)
    apart = dict.fromkeys(names, "")
    done = subprocess.run(
        command,
        cwd=where,
        env=os.environ | surroundings | apart,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode


def _database(where: Path) -> str:
    """One of its own, on the kind of server that this round of tests is about."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{where}/x.sqlite3"
    return f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/mutated_{uuid.uuid4().hex[:8]}"
