from datetime import UTC, datetime, timedelta

import pytest

from campaigns.models import Run
from config import standstill
from tests.campaigns import make
from tests.people.make import person
from vibes import loops, outbox
from vibes.models import Account, OutboxRange
from vibes.outbox import Order, Visit

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)


@pytest.fixture
def owed() -> None:
    """A text queued at noon."""
    ana = person(mobile="(312) 555-0142")
    outbox.queue_texts(
        [Order(ana.pk, 1, ana.mobile, "Hi", 1)],
        vibes_list=make.vibes_list(),
        visit=Visit(1, 1, 1, 0, NOON),
        message_name="Offer",
    )


def test_all_is_well_when_nothing_is_due() -> None:
    assert standstill.since(now=NOON) is None


@pytest.mark.parametrize(("seconds", "since"), [(30, None), (90, NOON)])
def test_says_since_when_a_text_waits(owed: None, seconds: int, since: datetime | None) -> None:
    assert standstill.since(now=NOON + timedelta(seconds=seconds)) == since


def test_says_since_when_a_run_waits() -> None:
    Run.objects.filter(pk=make.run(make.ready_campaign()).pk).update(started_at=NOON)

    assert standstill.since(now=NOON + timedelta(minutes=5)) == NOON


@pytest.mark.parametrize(("state", "since"), [("planned", NOON), ("missed", None)])
def test_says_since_when_a_planned_run_waits_to_start(state: str, since: datetime | None) -> None:
    make.slot(make.ready_campaign(), NOON, state)

    assert standstill.since(now=NOON - timedelta(minutes=5)) is None
    assert standstill.since(now=NOON + timedelta(minutes=5)) == since


def test_what_is_put_off_is_not_late(owed: None) -> None:
    OutboxRange.objects.update(not_before=NOON + timedelta(hours=2))

    assert standstill.since(now=NOON + timedelta(hours=1)) is None


def test_a_worker_at_work_is_not_late(owed: None) -> None:
    loops.take(Account.objects.get().pk, now=NOON + timedelta(minutes=5))

    assert standstill.since(now=NOON + timedelta(minutes=5)) is None


def test_a_held_service_is_another_trouble(owed: None) -> None:
    Account.objects.update(held_until=NOON + timedelta(hours=1))

    assert standstill.since(now=NOON + timedelta(minutes=5)) is None
