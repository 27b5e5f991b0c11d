from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people.make import person
from tests.vibes import make
from vibes import outbox
from vibes.models import Number, OutboxRow, VibesList
from vibes.outbox import Order, Visit

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
VISIT = Visit(campaign_id=1, run_id=2, step_id=3, wave=0, now=NOON)


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list(make.account(), event_type="offers")


def order(mobile: str = make.ANA) -> Order:
    who = person(mobile=mobile)
    return Order(who.pk, entry_id=who.pk, mobile=mobile, text="Hi", parts=1)


def queue(orders: list[Order], offers: VibesList, visit: Visit = VISIT) -> outbox.Queued:
    return outbox.queue_texts(orders, vibes_list=offers, visit=visit, message_name="Offer")


def test_owes_one_text_a_number_to_the_lowest_person(offers: VibesList) -> None:
    ana, ben = order(), order()

    queued = queue([ben, ana], offers)

    assert queued == outbox.Queued(frozenset({ana.person_id}), {ben.person_id: ana.person_id})
    assert OutboxRow.objects.get().person_id == ana.person_id


def test_owes_nothing_twice(offers: VibesList) -> None:
    ana = order()

    assert queue([ana], offers) == queue([ana], offers)
    assert OutboxRow.objects.count() == 1


def test_a_taken_number_stays_with_its_holder(offers: VibesList) -> None:
    ben, ana = order(), order()
    queue([ana], offers)

    assert queue([ben], offers).holders == {ben.person_id: ana.person_id}


def test_another_visit_owes_another_text_under_another_id(offers: VibesList) -> None:
    ana = order()
    queue([ana], offers)

    queue([ana], offers, Visit(campaign_id=1, run_id=9, step_id=3, wave=0, now=NOON))

    assert len(set(OutboxRow.objects.values_list("event_id", flat=True))) == 2


def test_the_dry_run_answers_what_queueing_answers(offers: VibesList) -> None:
    orders = [order(), order(), order(make.BEN)]

    assert outbox.would_queue(orders) == queue(orders, offers)


def test_makes_the_row_that_sending_and_stopping_lock(offers: VibesList) -> None:
    queue([order()], offers)

    assert Number.objects.get().mobile == make.ANA


def test_makes_these_rows_in_the_order_in_which_everybody_locks_them(offers: VibesList) -> None:
    ben, ana = order(make.BEN), order(make.ANA)

    with CaptureQueriesContext(connection) as seen:
        queue([ben, ana], offers)

    made = next(each["sql"] for each in seen if Number._meta.db_table in each["sql"])
    assert made.index(make.ANA) < made.index(make.BEN)


def test_cancels_what_has_not_begun(offers: VibesList) -> None:
    queue([order(), order(make.BEN)], offers)
    OutboxRow.objects.filter(mobile=make.BEN).update(state=OutboxRow.State.SENDING)

    assert outbox.cancel_run(VISIT.run_id, reason="run-stopped", now=NOON) == 1
    assert dict(OutboxRow.objects.values_list("mobile", "state")) == {
        make.ANA: "cancelled",
        make.BEN: "sending",
    }
