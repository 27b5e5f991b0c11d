"""Change Score: what may be typed, and what it does."""

from __future__ import annotations

from datetime import datetime

import pytest

from campaigns.registry import StepContext, steps
from people.models import Person
from tests.people import make

pytestmark = pytest.mark.django_db
STEP = steps.get("change_score")


@pytest.mark.parametrize(
    ("typed", "summary", "score"),
    [
        ("+5", "Add 5 to Score", 15),
        (" - 5 ", "Take 5 from Score", 5),
        ("−5", "Take 5 from Score", 5),
        ("=5", "Set Score to 5", 5),
        ("= -5", "Set Score to -5", -5),
    ],
)
def test_reads_a_sign_and_a_number(typed: str, summary: str, score: int, now: datetime) -> None:
    context = StepContext(now=now, campaign_id=1, campaign="Test", run_id=1, step_id=1)
    make.person(score=10)
    params = STEP.params(STEP.form({"field": "score", "change": typed}))

    STEP.execute(Person.objects.all(), params, context)

    assert STEP.summary(params) == summary
    assert Person.objects.get().score == score


@pytest.mark.parametrize("typed", ["5", "+-5", "+5.5", "five", "++5", "=", "+1234567890"])
def test_says_how_to_write_what_it_cannot_read(typed: str) -> None:
    form = STEP.form({"field": "score", "change": typed})

    assert form.errors["change"] == [
        "Write +5 to add five, -5 to take five, or =5 to set it to five."
    ]
