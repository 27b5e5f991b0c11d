from collections.abc import Callable
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


@pytest.fixture
def suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], tuple[int, list[str]]]:
    """Run a file of tests as a round; say its exit code and what is unsteady."""
    one = rounds.Round("Few", ["-p", "no:django", "-p", "no:randomly", "-c", "/dev/null"], {})

    def run(text: str) -> tuple[int, list[str]]:
        file = tmp_path / "test_some.py"
        file.write_text(text)
        unsteady: list[str] = []
        arguments = [str(file), f"--rootdir={tmp_path}"]
        return rounds._run(one, arguments, tmp_path, unsteady), unsteady

    return run


SHAKY = """
from pathlib import Path
mark = Path(__file__).with_name("seen")

def test_good(): pass

def test_shaky():
    seen = mark.exists()
    mark.touch()
    assert seen
"""


def test_what_is_green_alone_is_named(suite: Callable[[str], tuple[int, list[str]]]) -> None:
    code, unsteady = suite(SHAKY)

    assert (code, unsteady) == (0, ["test_some.py::test_shaky"])
    assert "test_some.py::test_shaky" in rounds._said(unsteady)[0]


def test_what_is_red_twice_is_red(suite: Callable[[str], tuple[int, list[str]]]) -> None:
    assert suite("def test_bad(): assert False") == (1, [])


@pytest.mark.parametrize(
    ("failed", "may"),
    [
        ([], False),
        (["tests/people/test_x.py::test_a"], True),
        ([f"tests/people/test_x.py::test_{n}" for n in range(4)], False),
        (["tests/people/test_x.py::test_a", "tests/storm/test_storm.py::test_b"], False),
    ],
)
def test_no_second_look_at_many_or_at_a_promise(failed: list[str], may: bool) -> None:
    assert rounds._may_try_again(failed) is may
