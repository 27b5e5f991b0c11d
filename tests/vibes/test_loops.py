from datetime import timedelta
from typing import Any

import pytest

from tests.vibes import make
from tests.vibes.make import NOON
from vibes import loops
from vibes.models import Account

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def service(settings: Any) -> Account:
    """A service for which two may send at once."""
    settings.SEND_LOOPS = 2
    return make.account()


def numbers(service: Account, *, tries: int, now: timedelta = 0 * SECOND) -> list[int | None]:
    taken = [loops.take(service.pk, now=NOON + now) for _ in range(tries)]
    return [each.number if each else None for each in taken]


def test_as_many_as_are_set_and_no_more(service: Account) -> None:
    assert numbers(service, tries=3) == [0, 1, None]


def test_one_whose_holder_died_is_free_again(service: Account) -> None:
    numbers(service, tries=2)

    assert numbers(service, tries=1, now=loops.LEASE + SECOND) == [0]


def test_one_that_is_given_back_is_free_at_once(service: Account) -> None:
    loop = loops.take(service.pk, now=NOON)
    assert loop is not None
    loops.give_back(loop)

    assert numbers(service, tries=1) == [0]


def test_who_lost_a_loop_neither_keeps_it_nor_ends_anothers(service: Account) -> None:
    slow = loops.take(service.pk, now=NOON)
    assert slow is not None
    later = NOON + loops.LEASE + SECOND
    loops.take(service.pk, now=later)

    assert not loops.renew(slow, now=later)
    loops.give_back(slow)

    assert numbers(service, tries=2, now=loops.LEASE + 2 * SECOND) == [1, None]


def test_nobody_sends_for_one_at_rest(service: Account) -> None:
    loops.rest(service, faults=loops.AWAY_AFTER, now=NOON)

    assert numbers(service, tries=1) == [None]
    assert numbers(service, tries=1, now=31 * SECOND) == [0]


@pytest.mark.parametrize(("more", "seconds"), [(0, 30), (1, 60), (2, 120), (4, 480), (90, 480)])
def test_the_longer_vibes_is_away_the_longer_are_the_rests(
    service: Account, more: int, seconds: int
) -> None:
    until = loops.rest(service, faults=loops.AWAY_AFTER + more, now=NOON)

    assert until == NOON + seconds * SECOND


def test_nobody_sends_for_one_that_is_held(service: Account) -> None:
    Account.objects.update(held_until=NOON)

    assert numbers(service, tries=1, now=60 * SECOND) == [None]
