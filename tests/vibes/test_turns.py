"""The moments at which texts may leave: used when they have come, in order, and lost when they are long past."""

import pytest

from vibes.rate import Booking
from vibes.turns import LATE, Turns

FOUR = Booking(count=4, wait=0.1, apart=0.05)  # 0.1, 0.15, 0.2, 0.25


@pytest.fixture
def turns() -> Turns:
    made = Turns()
    made.add(FOUR, now=0)
    return made


@pytest.mark.parametrize(("now", "used"), [(0.05, 0), (0.1, 1), (0.19, 2), (0.1999, 3)])
def test_those_that_have_come_are_used(turns: Turns, now: float, used: int) -> None:
    assert turns.use(10, now=now) == used
    assert len(turns) == 4 - used


def test_no_more_than_there_are_texts_for(turns: Turns) -> None:
    assert turns.use(1, now=0.2) == 1
    assert turns.use(10, now=0.2) == 2


def test_what_is_long_past_is_lost(turns: Turns) -> None:
    assert turns.use(10, now=0.21 + LATE) == 1
    assert len(turns) == 0


def test_who_shares_the_rate_may_be_later(turns: Turns) -> None:
    turns.add(Booking(count=1, wait=0.3, apart=0.05, sharers=2), now=0)

    assert turns.use(10, now=0.24 + 2 * LATE) == 2
