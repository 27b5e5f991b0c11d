"""A restored database sends nothing until somebody unlocks it, and then nothing twice (I14, P7)."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.processes import ROOT
from tests.crash import copies
from tests.crash.site import Victim, at_hand

PEOPLE, NUMBERS = 400, 320
SWEEPS = 12  # seconds: six ticks
pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """A site killed in the middle of a run."""
    with at_hand(tmp_path) as one:
        one.ask("build", str(PEOPLE))
        work(one)
        one.wait_until_sent(60)
        kill(one)
        yield one


def work(site: Victim) -> None:
    site.worker.start()
    site.beat.start()


def kill(site: Victim) -> None:
    site.worker.kill()
    site.beat.kill()
    time.sleep(1)  # what is on the wire still arrives


def unlock(site: Victim) -> str:
    command = site.site.command("unlock", "--yes")
    done = subprocess.run(
        command,
        env=site.site.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_dump_restored_beside_asks_vibes_for_nothing_and_repeats_nothing(
    victim: Victim, tmp_path: Path
) -> None:
    before = victim.requests()
    with copies.dump(victim) as dumped, copies.beside(victim, dumped, tmp_path / "b") as copy:
        run = copy.ask("again")
        work(copy)
        time.sleep(SWEEPS)
        assert victim.requests() == before
        assert copy.ask("judge", str(run))["state"] == "enrolling"

        assert "Unlocked" in unlock(copy)
        texted = victim.sent()
        copy.ask("again")
        victim.wait_until_sent(texted.total() + NUMBERS)

    once_more = victim.sent() - texted
    assert set(once_more.values()) == {1}, "the new run, and nothing of the old one"


def test_a_dump_put_back_in_its_place_asks_vibes_for_nothing(victim: Victim) -> None:
    with copies.dump(victim) as dumped:
        work(victim)
        victim.wait_until_sent(160)
        kill(victim)
        before = victim.requests()
        copies.put_back(victim, dumped)
        work(victim)
        time.sleep(SWEEPS)

    assert victim.requests() == before
    kill(victim)
    assert "stopped" in unlock(victim)
    assert victim.ask("wire") == 0
