"""Nobody needs the broker: with none there, a worker looks for due work itself (R1, I6)."""

from pathlib import Path

import pytest

from tests.crash.site import Victim, database_of_its_own

NOBODY = "redis://127.0.0.1:1/0"
PEOPLE, NUMBERS = 60, 48
AT_LEISURE = {"SIM_LATENCY_MS": "500", "RATE_SHARERS": "1"}  # so that many are on the wire at once


@pytest.mark.crash
@pytest.mark.timeout(150)
def test_a_run_goes_through_without_a_broker_whoever_stops_the_worker(tmp_path: Path) -> None:
    with database_of_its_own(tmp_path) as url:
        one = Victim(tmp_path, broker_url=NOBODY, database_url=url, redis_url="", **AT_LEISURE)
        try:
            one.start_simulator()
            run = one.ask("build", str(PEOPLE))["run"]
            stop_in_the_middle(one, run)
            one.worker.start()

            one.wait_until_sent(NUMBERS, seconds=90)
            assert max(one.sent().values()) == 1
            assert one.ask("hearts") == {"worker": 1}
        finally:
            one.stop()


def stop_in_the_middle(one: Victim, run: int) -> None:
    """Of every text that was on the wire it is known what became of it."""
    one.worker.start()
    one.wait_until_sent(2, seconds=60)

    one.worker.ask_to_stop()

    assert one.worker.wait(30) == 0
    sent = sorted(one.sent())
    assert one.ask("judge", str(run))["numbers"] == {"sent": sent, "unknown": []}
    assert len(sent) < NUMBERS
