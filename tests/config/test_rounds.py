from itertools import product
from pathlib import Path

import pytest

from tests import rounds


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([0, 0], 0),
        ([0, rounds.NO_TESTS], 0),
        ([rounds.NO_TESTS, rounds.NO_TESTS], rounds.NO_TESTS),
        ([0, 1, rounds.NO_TESTS], 1),
        ([2, 0], 2),
    ],
)
def test_one_failure_fails_all_and_a_round_may_have_no_tests(
    codes: list[int], expected: int
) -> None:
    assert rounds._sum(codes) == expected


def test_every_test_is_in_exactly_one_round_of_a_database() -> None:
    asked = [each[-1] for each in (rounds.PARALLEL, rounds.SITES, rounds.ONE_BY_ONE)]
    for marks in product([True, False], repeat=3):
        marked = dict(zip(("browser", "crash", "timed"), marks, strict=True))
        chosen = [each for each in asked if eval(each, {}, marked)]  # noqa: S307  # our own words
        assert len(chosen) == 1, marked


def test_a_round_of_few_tests_reads_few_files() -> None:
    everything, sites, speed = list(rounds._rounds("x"))[:3]

    assert everything.files() == []
    assert "tests/crash/test_restored.py" in sites.files()
    assert "tests/journeys/test_keyboard.py" in sites.files()
    assert [Path(each).name for each in sites.files()][:12] == [*rounds.LONGEST_FIRST]
    assert "tests/storm/test_storm.py" in speed.files()
    assert len(sites.files()) + len(speed.files()) < 50


def test_servers_get_rounds_only_when_both_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "postgres://somewhere/x")
    monkeypatch.delenv("TEST_REDIS_URL", raising=False)
    assert len(list(rounds._rounds("x"))) == 3
    assert rounds._missing_servers() == ["PostgreSQL and Redis (set TEST_REDIS_URL)"]

    monkeypatch.setenv("TEST_REDIS_URL", "redis://somewhere/0")
    assert len(list(rounds._rounds("x"))) == 6
    assert rounds._missing_servers() == []
