"""When a worker takes itself for deaf: only where nothing else explains the silence."""

import pytest

from config.deafness import Ears

PATIENCE = 60


@pytest.fixture
def ears() -> Ears:
    """Of a worker that has rung for itself at 200, and heard a message at 150 for the last time."""
    ears = Ears(PATIENCE, born_at=0)
    ears.hear(150)
    ears.ring(200, reached=True)
    return ears


@pytest.mark.parametrize(("at", "deaf"), [(250, False), (261, True)])
def test_who_does_not_hear_its_own_ring_for_long_is_deaf(ears: Ears, at: int, deaf: bool) -> None:
    assert ears.are_deaf(at, is_busy=False) is deaf


def test_who_heard_something_since_is_not(ears: Ears) -> None:
    ears.hear(210)

    assert not ears.are_deaf(300, is_busy=False)


def test_who_has_its_hands_full_is_not(ears: Ears) -> None:
    assert not ears.are_deaf(300, is_busy=True)


def test_a_broker_that_is_away_is_nobodys_deafness(ears: Ears) -> None:
    ears.ring(250, reached=False)

    assert not ears.are_deaf(300, is_busy=False)


def test_to_ring_again_does_not_begin_the_wait_anew(ears: Ears) -> None:
    ears.ring(255, reached=True)

    assert ears.are_deaf(261, is_busy=False)


def test_who_has_just_begun_gets_time() -> None:
    ears = Ears(PATIENCE, born_at=0)
    ears.ring(10, reached=True)

    assert not ears.are_deaf(100, is_busy=False)
    assert ears.are_deaf(121, is_busy=False)
