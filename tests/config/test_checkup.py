from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery.app.control import Inspect
from django.conf import LazySettings
from django.db import connection

from config import checkup, pulse
from config.checkup import Finding, Level
from config.processes import PROMPT, QUEUES

SENDS = ("flow", "send", "import", "confirm")


@pytest.mark.parametrize(
    ("version", "has_fault"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_knows_which_sqlite_may_lose_rows(version: tuple[int, ...], has_fault: bool) -> None:
    assert checkup.has_wal_reset_fault(version) is has_fault


@pytest.fixture
def commits(transactional_db: None) -> Iterator[Callable[[bool], None]]:
    """Have this connection write what is committed to the disk, or leave it to chance."""
    ways = {
        "sqlite": "PRAGMA synchronous=%s",
        "postgresql": "SET synchronous_commit TO %s",
    }
    words = {"sqlite": ("OFF", "FULL"), "postgresql": ("off", "on")}

    def commit(durably: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ways[connection.vendor] % words[connection.vendor][durably])

    yield commit
    connection.close()  # the next one is as it was set up


def wrong() -> list[str]:
    return [each.seen for each in checkup.database() if each.level is Level.WRONG]


def test_finds_nothing_wrong_with_a_migrated_database(commits: Callable[[bool], None]) -> None:
    commits(True)

    assert wrong() == []


def test_a_database_that_may_forget_is_wrong(commits: Callable[[bool], None]) -> None:
    commits(False)

    (seen,) = wrong()
    assert "synchronous" in seen


@pytest.mark.parametrize(
    ("off", "words"),
    [
        ({"fsync"}, "PostgreSQL runs with fsync off"),
        ({"fsync", "synchronous_commit"}, "PostgreSQL runs with fsync and synchronous_commit off"),
        ({"full_page_writes"}, ""),
    ],
)
def test_a_server_that_writes_nothing_through_may_forget(
    monkeypatch: pytest.MonkeyPatch, off: set[str], words: str
) -> None:
    """No session can turn it off, so the server's answers are made up."""
    told = dict.fromkeys((f"SHOW {each}" for each in off), "off")
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(checkup, "_told", lambda statement: told.get(statement, "on"))

    assert checkup.forgetfulness() == words


def test_no_worker_begins_where_something_may_be_forgotten(
    commits: Callable[[bool], None],
) -> None:
    commits(False)
    with pytest.raises(SystemExit, match=str(pulse.CANNOT_WORK)):
        pulse.refuse_this_database()

    commits(True)
    pulse.refuse_this_database()


def test_a_locked_database_is_wrong(
    commits: Callable[[bool], None], settings: LazySettings, tmp_path: Path
) -> None:
    commits(True)
    settings.INSTANCE_DIR = tmp_path

    assert wrong() == [
        "Locked: this database was not at work on this machine before. Nothing is sent."
    ]


def test_says_what_to_do_about_an_address_vibes_cannot_reach(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "http://ringdove.example"

    assert list(checkup.public_url()) == [
        Finding(
            Level.WRONG,
            "PUBLIC_URL is http://ringdove.example",
            "Vibes calls back over https only: put a TLS proxy in front and change PUBLIC_URL.",
        )
    ]


def test_never_shows_the_password_of_a_broker(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL = "redis://:hush@127.0.0.1:1/0"

    assert "hush" not in "".join(finding.seen for finding in checkup.broker())


@pytest.mark.parametrize(
    ("workers", "seen"),
    [
        ({}, [Level.WARNING]),
        ({"one": QUEUES}, [Level.GOOD, Level.WARNING]),
        ({"one": SENDS}, [Level.GOOD, Level.WRONG]),
        ({"one": QUEUES, "two": PROMPT}, [Level.GOOD]),
        ({"one": SENDS, "two": PROMPT}, [Level.GOOD]),
    ],
)
def test_says_who_hears_a_stop(
    monkeypatch: pytest.MonkeyPatch, workers: dict[str, tuple[str, ...]], seen: list[Level]
) -> None:
    queues = {who: [{"name": each} for each in names] for who, names in workers.items()}
    monkeypatch.setattr(Inspect, "active_queues", lambda self: queues)

    assert [each.level for each in checkup.workers()] == seen


def test_a_broken_key_is_wrong(settings: LazySettings) -> None:
    settings.FIELD_KEYS = ["short"]

    assert [finding.level for finding in checkup.field_keys()] == [Level.WRONG]
