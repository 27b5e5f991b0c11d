"""What every test may ask for. Nothing here reaches beyond this machine."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connections
from hypothesis import HealthCheck, settings

from tests import migrated

pytest_plugins = ["tests.network", "tests.browser"]

settings.register_profile("quick", max_examples=50, deadline=None)
settings.register_profile(
    "thorough",
    max_examples=1_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def now() -> datetime:
    """A Monday at noon in Chicago, far from any change of clocks."""
    return datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Give each test process its own database: on SQLite a file, which threads share safely."""
    entry = connections["default"].settings_dict
    if connections["default"].vendor != "sqlite":
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")
        _make_on_server()
        return
    entry["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    migrated.make(f"sqlite:///{entry['TEST']['NAME']}")
    # No test pulls the plug, so nothing waits for the disk.
    entry["OPTIONS"] = entry["OPTIONS"] | {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    }


def _make_on_server() -> None:
    migrated.on_server(_server(), f'DROP DATABASE IF EXISTS "{_name()}" WITH (FORCE)')
    migrated.make(f"{_server().rpartition('/')[0]}/{_name()}")


def _server() -> str:
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/postgres"


def _name() -> str:
    return str(connections["default"].creation._get_test_db_name())  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Use the database that was made for this process."""
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Between tests with transactions of their own, SQLite empties tables by DELETE, the ledger too."""
    if connections["default"].vendor == "sqlite":
        with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS consent_no_delete")
        yield
        return
    name = connections["default"].settings_dict["NAME"]
    yield
    connections.close_all()
    migrated.on_server(_server(), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session", autouse=True)
def own_disk(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test process is a machine of its own, as far as databases are bound to machines."""
    django_settings.INSTANCE_DIR = tmp_path_factory.mktemp("instance")


@pytest.fixture(autouse=True)
def bound(request: pytest.FixtureRequest) -> None:
    """A test that touches the database finds it bound to this machine, as one at work is."""
    if _touches_database(request.node) and not request.node.get_closest_marker("crash"):
        from people import fields
        from vibes import heartbeats, lock

        fields.forget()
        request.getfixturevalue("_django_db_helper")
        heartbeats.look_anew()
        lock.why()


@pytest.fixture(scope="session")
def own_redis(worker_id: str) -> redis.Redis | None:
    """The Redis of this test process: the database that REDIS_URL names, or one of the next."""
    if not django_settings.REDIS_URL:
        return None
    url = urlsplit(django_settings.REDIS_URL)
    number = int(url.path.strip("/") or 0) + int(
        worker_id.removeprefix("gw").replace("master", "0")
    )
    django_settings.REDIS_URL = url._replace(path=f"/{number}").geturl()
    return redis.Redis.from_url(django_settings.REDIS_URL)


@pytest.fixture(autouse=True)
def empty_redis(own_redis: redis.Redis | None) -> None:
    """Where there is a Redis, no test finds there what another left."""
    if own_redis:
        own_redis.flushdb()


@pytest.fixture
def many_connections() -> Iterator[None]:
    """For a test with fifty threads: PostgreSQL takes a hundred connections, so one such test at a time."""
    with (Path(tempfile.gettempdir()) / "ringdove-many-connections.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


_at_the_end = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """One database is migrated for all processes of this run. One process migrates its own sooner."""
    if not getattr(config.option, "numprocesses", None):
        return
    folder = Path(_at_the_end.enter_context(tempfile.TemporaryDirectory()))
    _at_the_end.enter_context(migrated.kept(folder))


def pytest_unconfigure() -> None:
    _at_the_end.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--touching-database",
        action="store_true",
        help="run only what a second kind of database could change: tests of data, and crashes",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what only PostgreSQL can answer where there is none; drop what was not asked for."""
    for item in items:
        _refuse_hidden_marks(item)
    if connections["default"].vendor != "postgresql":
        elsewhere = pytest.mark.skip(reason="needs PostgreSQL (set DATABASE_URL)")
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(elsewhere)
    if config.getoption("--touching-database"):
        dropped = [item for item in items if not _touches_database(item)]
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if _touches_database(item)]


def _refuse_hidden_marks(item: pytest.Item) -> None:
    """Rounds look for the files of some marks by their names (tests.rounds.Round.files)."""
    for mark in ("browser", "crash", "timed"):
        if item.get_closest_marker(mark) and f"mark.{mark}" not in _source(item.path):
            raise pytest.UsageError(
                f"{item.path} has tests with the mark {mark} and does not name it."
            )


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _touches_database(item: pytest.Item) -> bool:
    asked_for = set(getattr(item, "fixturenames", ()))
    marked = any(item.get_closest_marker(name) for name in ("django_db", "crash"))
    return marked or bool(asked_for & {"db", "transactional_db", "live_server"})
