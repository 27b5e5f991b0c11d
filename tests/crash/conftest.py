"""Real processes on the test's own database, to be killed at will.

The test looks at the same rows through Django's ORM as the processes do. Whatever a test leaves
running ends with it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from config import broker
from config.ports import free_port
from config.processes import Site
from config.readiness import answers, wait_for
from config.supervisor import Supervisor


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """Starts programs, prints their lines (pytest shows them when a test fails), ends with it."""
    running = Supervisor(say=lambda name, line: print(f"{name} | {line}"))  # noqa: T201
    yield running
    running.kill()


@pytest.fixture
def site(transactional_db: None, supervisor: Supervisor, tmp_path: Path) -> Site:
    """A copy of the product on this test's database, its broker and simulator running.

    `supervisor.start(site.worker())` adds a worker; its `kill()` is a kill -9 of the whole group.
    """
    chosen = broker.choose(tmp_path, surroundings=_servers())
    if chosen.program:
        supervisor.start(chosen.program)
    else:
        redis.from_url(chosen.url).flushdb()
    site = Site(
        var=tmp_path,
        port=free_port(),
        sim_port=free_port(),
        broker_url=chosen.url,
        extra={
            "DATABASE_URL": _database_url(),
            "REDIS_URL": chosen.url,
            "SECRET_KEY": settings.SECRET_KEY,
            "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
            "SIM_LATENCY_MS": "5",
        },
    )
    supervisor.start(site.simulator())
    assert wait_for(lambda: answers(f"{site.sim_url}/_sim/"), seconds=30)
    return site


def _servers() -> dict[str, str]:
    """PostgreSQL goes with the Redis that the run names; SQLite with the embedded broker."""
    named = os.environ.get("REDIS_URL", "") if connection.vendor == "postgresql" else ""
    return {"CELERY_BROKER_URL": named}


def _database_url() -> str:
    entry = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{entry['NAME']}"
    password = f":{entry['PASSWORD']}" if entry["PASSWORD"] else ""
    where = f"{entry['HOST'] or '127.0.0.1'}:{entry['PORT'] or 5432}"
    return f"postgres://{entry['USER']}{password}@{where}/{entry['NAME']}"
