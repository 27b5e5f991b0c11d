"""Nobody needs the broker: with none there, a worker looks for due work itself (R1, I6)."""

from pathlib import Path

import pytest

from tests.crash.site import Victim, database_of_its_own

NOBODY = "redis://127.0.0.1:1/0"
PEOPLE, NUMBERS = 20, 16


@pytest.mark.crash
@pytest.mark.timeout(150)
def test_a_run_goes_through_without_a_broker(tmp_path: Path) -> None:
    with database_of_its_own(tmp_path) as url:
        one = Victim(tmp_path, broker_url=NOBODY, database_url=url, redis_url="")
        try:
            one.start_simulator()
            one.ask("build", str(PEOPLE))
            one.worker.start()

            one.wait_until_sent(NUMBERS, seconds=90)
            assert max(one.sent().values()) == 1
            assert one.ask("hearts") == {"worker": 1}
        finally:
            one.stop()
