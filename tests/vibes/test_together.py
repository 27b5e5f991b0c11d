"""Rows that queue are committed together, and what one does wrong is not the others' fault."""

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from tests.vibes import make
from tests.vibes.make import NOON
from vibes import together
from vibes.models import Callback

pytestmark = pytest.mark.django_db


def row(account_id: int | None, event_id: str) -> together.Row:
    return (account_id, event_id, "", "{}", str(NOON), None, "")


def queued(*rows: together.Row) -> list[together._Order]:
    """Orders of other threads, which wait for whoever writes now."""
    orders = [together._Order(each) for each in rows]
    together._queue.extend(orders)
    return orders


def test_whoever_writes_writes_for_all_that_wait(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    account = make.account()
    others = queued(row(account.pk, "E1"), row(account.pk, "E2"))

    with django_assert_num_queries(5):  # three inserts in one savepoint
        mine = together.insert(row(account.pk, "E3"))

    assert all(each.is_done for each in others)
    ids = [each.callback_id for each in others] + [mine]
    assert ids == list(Callback.objects.order_by("event_id").values_list("pk", flat=True))


def test_a_row_we_had_has_no_new_id() -> None:
    account = make.account()
    together.insert(row(account.pk, "E1"))

    assert together.insert(row(account.pk, "E1")) is None


def test_a_row_that_cannot_be_written_harms_no_other() -> None:
    account = make.account()
    (broken,) = queued(row(None, "E1"))

    assert together.insert(row(account.pk, "E2")) is not None
    assert isinstance(broken.error, IntegrityError)
    with pytest.raises(IntegrityError):
        together.insert(row(None, "E3"))
    assert Callback.objects.get().event_id == "E2"
