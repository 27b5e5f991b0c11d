from datetime import UTC, datetime, timedelta

import pytest

from people import ticking
from people.models import Tick

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
LATER = NOON + timedelta(seconds=15)


def test_the_last_bell_is_one_row() -> None:
    assert ticking.last() is None

    ticking.note(by="beat", now=NOON)
    ticking.note(by="beat", now=LATER)

    assert list(Tick.objects.values_list("by", "at")) == [("beat", LATER)]


def test_of_all_who_saw_the_same_bell_the_first_rings() -> None:
    ticking.note(by="beat", now=NOON)
    seen = ticking.last()

    assert ticking.take(seen, by="one", now=LATER)
    assert not ticking.take(seen, by="two", now=LATER)


def test_of_all_who_saw_no_bell_yet_the_first_rings() -> None:
    assert ticking.take(None, by="one", now=NOON)
    assert not ticking.take(None, by="two", now=LATER)
