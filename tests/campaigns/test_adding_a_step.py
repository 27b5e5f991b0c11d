"""docs/adding-a-step.md is true: its example, taken from the page, works."""

import re
import sys
import types
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template

from campaigns.registry import Outcome, StepContext, StepType, steps
from people.models import Person

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "adding-a-step.md").read_text()
CODE, TEMPLATE = (
    re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[0] for language in ("python", "django")
)


@pytest.fixture
def set_city(monkeypatch: pytest.MonkeyPatch) -> StepType[Any]:
    """The page's step, registered while the test lasts; also where somebody has copied it already."""
    module = types.ModuleType("campaigns.steps.set_city")
    others = {kind: step for kind, step in steps._types.items() if kind != "set_city"}
    monkeypatch.setattr(steps, "_types", others)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(CODE, module.__dict__)  # noqa: S102  # it is our own page
    return steps.get("set_city")


@pytest.mark.django_db
def test_the_step_of_the_page_changes_people(set_city: StepType[Any], now: datetime) -> None:
    Person.objects.create(city="Boston", created_at=now, updated_at=now)
    params = set_city.params(set_city.form({"city": "Chicago"}))
    context = StepContext(now=now, campaign_id=1, campaign="Test", run_id=1, step_id=1)

    outcome = set_city.execute(Person.objects.all(), params, context)

    assert outcome == Outcome()
    assert [person.city for person in Person.objects.all()] == ["Chicago"]
    assert set_city.summary(params) == "Set city to Chicago"
    assert set_city.thaw(set_city.freeze(params)) == params


def test_the_template_of_the_page_draws_the_field(set_city: StepType[Any]) -> None:
    block = re.findall(r"{% block fields %}(.*?){% endblock %}", TEMPLATE, re.DOTALL)[0]

    drawn = Template(block).render(Context({"form": set_city.form({"city": "Chicago"})}))

    assert 'value="Chicago"' in drawn
