"""The database answers every smart list as the evaluator does: 2,000 of them here, 100,000 by
`make fuzz ARGS="--of audience --count 100000"`."""

import pytest

from campaigns.registry import filters
from tests.campaigns import evaluator
from tests.campaigns.proof import prove

ZONES = ["UTC", "America/Chicago", "Asia/Beirut", "Pacific/Auckland"]


def test_there_is_a_question_and_an_answer_for_every_kind() -> None:
    assert {each.kind for each in filters.all()} == evaluator.KINDS


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(("seed", "zone"), [*enumerate(ZONES)])
def test_the_database_answers_as_the_evaluator_does(seed: int, zone: str) -> None:
    prove(zone=zone, seed=seed, examples=500)
