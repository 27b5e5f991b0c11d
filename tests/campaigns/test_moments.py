"""A time in a rule or a step means one moment: on the page where it is typed, and in the worker."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns import audience, local_time
from campaigns.content import FilterSpec, ListSpec
from campaigns.registry import StepContext, filters, steps
from people import defining, editing, fields
from people.field_types import TYPES
from people.fields import Field
from people.models import Person
from tests.people import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chicago(settings: Any) -> None:
    settings.TIME_ZONE = "America/Chicago"


@pytest.fixture
def renewal() -> Field:
    return fields.of_custom(defining.define("Renewal", "datetime", by=None, now=NOON))


@pytest.mark.parametrize("reader", ["America/Chicago", "Asia/Tokyo"])
def test_a_change_is_looked_for_at_the_same_moment_everywhere(renewal: Field, reader: str) -> None:
    ana = make.person(first_name="Ana")
    editing.change(ana, {renewal.name: datetime(2026, 6, 1, 19, 30, tzinfo=UTC)}, by="x", now=NOON)
    config = {"operator": "yes", "field": renewal.name, "after": "2026-06-01 14:30"}
    filter_ = filters.get("data_value_changed")

    with timezone.override(reader):
        form = filter_.form(config)
        frozen = json.loads(json.dumps(filter_.freeze(filter_.params(form))))
        rule = ListSpec(filters=(FilterSpec("data_value_changed", frozen),))
        page = set(audience.people(rule, now=NOON))

    assert page == set(audience.people(rule, now=NOON)) == {ana}
    assert "America/Chicago" in str(form.fields["after"].help_text)


@pytest.mark.parametrize("reader", ["America/Chicago", "Asia/Tokyo"])
def test_a_step_says_and_sets_the_same_moment_everywhere(renewal: Field, reader: str) -> None:
    ana = make.person()
    step = steps.get("change_data_value")
    context = StepContext(now=NOON, campaign_id=1, campaign="Test", run_id=1, step_id=1)

    with timezone.override(reader):
        form = step.form({"field": renewal.name, "value": "2026-03-08 02:30"})
        params = step.params(form)
        said = step.summary(params)
    step.execute(Person.objects.all(), step.thaw(step.freeze(params)), context)

    ana.refresh_from_db()
    assert said == "Change Renewal to “2026-03-08 03:30:00 (America/Chicago)”"
    assert renewal.value(ana) == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)
    assert "America/Chicago" in str(form.fields["value"].help_text)


@pytest.mark.parametrize("local", ["2026-03-08T02:30", "2026-06-01T14:30", "2026-11-01T01:30"])
def test_a_typed_time_is_read_as_a_planned_run_reads_it(local: str) -> None:
    planned = local_time.resolve(local_time.from_text(local), ZoneInfo("America/Chicago"))

    assert TYPES["datetime"].read(local) == planned.at
