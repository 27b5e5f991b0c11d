import json
import subprocess
import sys

import pytest

from config.processes import Site
from config.readiness import wait_for
from config.supervisor import Supervisor

pytestmark = [pytest.mark.crash, pytest.mark.slow]
PING = """
import json
from config.celery import app
print(json.dumps([name for reply in app.control.ping(timeout=1) or [] for name in reply]))
"""


def workers(site: Site) -> list[str]:
    """The names of the workers that answer."""
    asked = subprocess.run(
        [sys.executable, "-c", PING], env=site.environment(), capture_output=True, check=True
    )
    names: list[str] = json.loads(asked.stdout)
    return names


def test_a_worker_killed_and_started_again_is_at_work(site: Site, supervisor: Supervisor) -> None:
    worker = supervisor.start(site.worker(concurrency=1))
    assert wait_for(lambda: len(workers(site)) == 1, seconds=30)

    worker.kill()
    assert workers(site) == []
    worker.start()

    assert wait_for(lambda: len(workers(site)) == 1, seconds=30)
