"""How a worker ends itself: in order, and so that whoever started it sees that it could not work."""

import os
from threading import Thread

import pytest

from config import pulse
from config.pulse import CANNOT_WORK, Pulse
from vibes import heartbeats
from vibes.models import Heartbeat


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done, in order; nothing of it really."""
    done: list[str] = []
    monkeypatch.setattr(os, "kill", lambda *_: None)
    monkeypatch.setattr(os, "_exit", lambda code: done.append(f"exit {code}"))
    monkeypatch.setattr(heartbeats, "leave", lambda key: done.append("left"))
    return done


def test_one_that_ends_itself_leaves_first_and_its_code_says_so_whoever_is_faster(
    done: list[str],
) -> None:
    heart = Pulse(Heartbeat.Role.WORKER)
    ends = Thread(target=heart.end, args=["It hears nothing."])
    ends.start()
    while not heart.is_ending:
        pass

    heart.leave()

    ends.join(10)
    assert done == ["left", f"exit {CANNOT_WORK}", f"exit {CANNOT_WORK}"]


def test_one_that_is_ended_by_others_leaves_and_goes_on_ending(done: list[str]) -> None:
    Pulse(Heartbeat.Role.WORKER).leave()

    assert done == ["left"]


def test_one_that_does_not_end_in_order_ends_after_its_time(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "DRAIN", 0)

    Pulse(Heartbeat.Role.WORKER).end("It hears nothing.")

    assert done == [f"exit {CANNOT_WORK}"]
