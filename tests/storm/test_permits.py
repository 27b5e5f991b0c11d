from __future__ import annotations

import pytest
from django.db import connection

from tests.storm import permits
from tests.vibes import make, owing
from tests.vibes.make import ANA, NOON
from vibes import delivery
from vibes.sending import Answer


@pytest.mark.postgres
@pytest.mark.django_db
def test_each_permission_is_noted_once_whatever_is_written_to_its_row_later() -> None:
    permits.note()
    offers = make.vibes_list(make.account())
    owing.texts(offers, ANA)
    claimed = delivery.claim(offers.account, actions=["text"], limit=9, now=NOON)

    (row,) = delivery.permit(claimed, now=NOON)
    delivery.settle([(row, Answer("accepted"))], now=NOON)

    with connection.cursor() as cursor:
        cursor.execute("SELECT event_id, mobile FROM storm_permit")
        assert cursor.fetchall() == [(str(row.event_id), ANA)]
