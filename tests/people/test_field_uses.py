"""A field stays as long as an import may still bring values of it."""

import pytest

from people import defining, field_uses, fields, importing
from people.fields import Field
from people.models import ImportJob
from tests.people.files import begin
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def card() -> Field:
    row = defining.define("Card number", "string", by=None, now=NOON)
    return fields.get(f"{fields.CUSTOM}{row.key}")


def uses(field: Field) -> list[str]:
    return [use.words for use in field_uses.of([field])[field.name] if use.holds]


def test_an_import_that_may_be_tried_again_holds_its_fields(card: Field) -> None:
    job = begin("Email,Card number\nana@example.com,7\n", mapping={"0": "email", "1": card.name})
    ImportJob.objects.update(state="failed", finished_at=NOON, stopped_in="waiting")

    assert uses(card) == ["Import of people.csv"]

    importing.cancel(job, now=NOON)
    assert uses(card) == []


@pytest.mark.parametrize("state", ["done", "undoing", "undone", "cancelled"])
def test_one_that_is_over_holds_none(card: Field, state: str) -> None:
    begin("Email,Card number\nana@example.com,7\n", mapping={"0": "email", "1": card.name})
    ImportJob.objects.update(state=state, finished_at=NOON)

    assert uses(card) == []
