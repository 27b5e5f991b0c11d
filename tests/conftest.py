"""What every test may ask for. Nothing here reaches beyond this machine."""

import os
from datetime import UTC, datetime

import pytest
from django.db import connections
from hypothesis import HealthCheck, settings

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
        return
    entry["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    # No test pulls the plug, so nothing waits for the disk.
    entry["OPTIONS"] = entry["OPTIONS"] | {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    }


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what only PostgreSQL can answer where there is none."""
    if connections["default"].vendor == "postgresql":
        return
    elsewhere = pytest.mark.skip(reason="needs PostgreSQL (set DATABASE_URL)")
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(elsewhere)
