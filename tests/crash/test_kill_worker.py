"""Kill -9 in the middle of a run of 2,000: nobody twice, nobody lost, each one verdict (P1, P2, P5)."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.site import Victim, at_hand
from vibes.pump import SLOTS

PEOPLE, NUMBERS_OF_TEN = 2_000, 8
# A killed worker's rows are called unknown when their lease of 60 s runs out.
PATIENCE = 150
pytestmark = [pytest.mark.crash, pytest.mark.timeout(400)]


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """A site on the databases this round of tests is about."""
    with at_hand(tmp_path) as one:
        yield one


def test_a_killed_worker_costs_nobody_a_text_and_nobody_gets_two(victim: Victim) -> None:
    built = victim.ask("build", str(PEOPLE))
    assert built["expected"] == PEOPLE * NUMBERS_OF_TEN // 10
    victim.worker.start()
    victim.beat.start()

    for threshold in (300, 900):
        victim.wait_until_sent(threshold)
        victim.kill_worker()
    found = _wait_until_finished(victim, built["run"])

    sent = victim.sent()
    assert max(sent.values()) == 1
    sure, unknown = set(found["numbers"]["sent"]), set(found["numbers"]["unknown"])
    assert sure <= set(sent) <= sure | unknown
    assert len(sure | unknown) == built["expected"]
    assert len(unknown) <= 2 * SLOTS
    _each_has_one_verdict(found)


def _wait_until_finished(victim: Victim, run: int) -> Any:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found = victim.ask("judge", str(run))
        if found["state"] == "finished":
            return found
        time.sleep(1)
    raise TimeoutError(f"{found}\n" + "\n".join(victim.lines[-40:]))


def _each_has_one_verdict(found: Any) -> None:
    assert found["entries"] == found["entered"] == PEOPLE
    texts, score = found["by_step"]
    assert sum(texts.values()) == PEOPLE
    assert texts["skipped"] == PEOPLE * 2 // 10
    assert set(texts) <= {"sent", "skipped", "unknown"}
    assert score == {"done": PEOPLE}
