"""Who rings for due work while no beat does."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from campaigns import tasks
from config import ticker
from config.celery import BEAT, TICKS, app
from people import ticking
from people.models import Tick

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    app.loader.import_default_modules()  # as a worker does
    heard: list[str] = []
    for name in TICKS:
        ring = lambda name=name, **_: heard.append(name)  # noqa: E731
        monkeypatch.setattr(app.tasks[name], "apply_async", ring)
    return heard


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_rings_at_once_where_nobody_ever_did(rung: list[str]) -> None:
    assert ticker.look("one", now=NOON) == timedelta(seconds=12)
    assert tuple(rung) == TICKS


def test_beat_is_given_its_time_and_no_more(rung: list[str]) -> None:
    ticking.note(by=BEAT, now=NOON)

    assert ticker.look("one", now=after(15)) == timedelta(seconds=0.75)
    assert rung == []

    ticker.look("one", now=after(16))
    assert tuple(rung) == TICKS


def test_one_of_many_workers_rings(rung: list[str]) -> None:
    ticking.note(by=BEAT, now=NOON)

    for who in ("one", "two", "three"):
        ticker.look(who, now=after(20))

    assert tuple(rung) == TICKS
    assert ticking.last() == Tick.objects.get(by="one", at=after(20))


def test_without_a_beat_two_bells_are_never_further_apart_than_its(rung: list[str]) -> None:
    now, bells = NOON, []
    while now < after(600):
        rung.clear()
        left = ticker.look("one", now=now)
        bells += [now] * bool(rung)
        now += left

    gaps = [later - earlier for earlier, later in pairwise(bells)]
    assert timedelta(seconds=10) < min(gaps) <= max(gaps) <= timedelta(seconds=15)


def test_a_bell_from_the_future_holds_nobody_up_for_long(rung: list[str]) -> None:
    ticking.note(by=BEAT, now=after(3_600))

    ticker.look("one", now=NOON)

    assert tuple(rung) == TICKS


def test_beat_says_that_it_was_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = app.conf.beat_schedule["campaigns.tasks.tick"]

    tasks.tick(**entry["kwargs"])

    last = ticking.last()
    assert last is not None
    assert last.by == BEAT
