"""Which processes live."""

from datetime import timedelta

import pytest

from tests.vibes import make
from tests.vibes.make import NOON
from vibes import heartbeats
from vibes.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_who_has_been_silent_for_three_beats_is_dead() -> None:
    make.heart(now=NOON)

    assert heartbeats.alive(NOON + heartbeats.ALIVE).count() == 1
    assert heartbeats.alive(NOON + heartbeats.ALIVE + timedelta(seconds=1)).count() == 0


def test_to_beat_again_moves_the_one_row_and_keeps_since_when() -> None:
    heart = make.heart(now=NOON)
    later = NOON + timedelta(seconds=15)

    heartbeats.beat(heart.key, now=later, troubles=["broker"])

    kept = Heartbeat.objects.get()
    assert (kept.started_at, kept.seen_at, kept.troubles) == (NOON, later, ["broker"])


def test_a_new_heart_forgets_the_long_dead() -> None:
    make.heart(now=NOON, pid=1)
    make.heart(now=NOON + timedelta(hours=2), pid=2)

    assert list(Heartbeat.objects.values_list("pid", flat=True)) == [2]


def test_who_leaves_in_order_is_not_missed() -> None:
    heartbeats.leave(make.heart().key)

    assert not Heartbeat.objects.exists()
