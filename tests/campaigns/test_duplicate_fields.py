"""Duplicate Fields: who has the same as somebody else."""

from datetime import timedelta

import pytest

from campaigns import audience, drafts
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import person

pytestmark = pytest.mark.django_db


def test_who_was_updated_in_the_very_same_moment() -> None:
    ana, ben = (person(updated_at=NOON + timedelta(hours=1)) for _ in "ab")
    person(updated_at=NOON), person(updated_at=NOON, deleted_at=NOON)
    named = make.named_list("Together", ("duplicate_fields", {"field": "updated_at"}))

    draft = drafts.read_list(named)

    assert "Updated At" in draft.smart_list.sentence
    assert {*audience.people(draft.smart_list.spec, now=NOON)} == {ana, ben}
