"""The ledger of consent is written once: by our code's word, and by the database's."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.vibes.make import ANA, NOON
from vibes.models import ConsentEntry, LedgerIsFinal

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> ConsentEntry:
    return ConsentEntry.objects.create(
        mobile=ANA, became="subscribed", actor="person", source="callback", recorded_at=NOON
    )


def test_a_row_cannot_be_saved_again(entry: ConsentEntry) -> None:
    entry.became = "unsubscribed"
    with pytest.raises(LedgerIsFinal):
        entry.save()


def test_no_row_can_be_deleted(entry: ConsentEntry) -> None:
    with pytest.raises(LedgerIsFinal):
        entry.delete()
    with pytest.raises(LedgerIsFinal):
        ConsentEntry.objects.filter(pk=entry.pk).delete()


def test_no_row_can_be_updated(entry: ConsentEntry) -> None:
    with pytest.raises(LedgerIsFinal):
        ConsentEntry.objects.filter(pk=entry.pk).update(became="unsubscribed")


def test_the_database_refuses_to_change_what_was_recorded(entry: ConsentEntry) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE vibes_consententry SET became = 'never'")


@pytest.mark.postgres
def test_the_database_refuses_to_delete(entry: ConsentEntry) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM vibes_consententry")


def test_an_erasure_may_replace_the_number(entry: ConsentEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vibes_consententry SET mobile = 'hmac:1', wording = ''")
    entry.refresh_from_db()
    assert entry.mobile == "hmac:1"
