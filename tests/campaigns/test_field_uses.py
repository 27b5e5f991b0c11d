"""Campaigns and messages say which fields of people they use."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import field_uses, message
from campaigns.models import Choice, FlowStep, FlowVersion, Run, SmartList, SmartListFilter
from people import defining, fields
from people.fields import Field
from tests.campaigns import make
from tests.people.make import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def size() -> Field:
    return fields.of_custom(defining.define("Shoe Size", "integer", by=None, now=NOON))


def told(*asked: Field) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {each.name: [] for each in asked}
    for ask in (field_uses.in_campaigns, field_uses.in_messages):
        for name, uses in ask(asked).items():
            found[name] += [use.words for use in uses]
    return found


def step_that_sets(field: Field) -> FlowStep:
    campaign = make.campaign("Spring")
    config = {"field": field.name, "value": "1"}
    return FlowStep.objects.create(
        campaign=campaign, kind="change_data_value", position=0, config=config
    )


def test_nobody_uses_what_was_just_made(size: Field) -> None:
    assert told(size) == {size.name: []}


def test_a_step_a_choice_and_their_filters_are_named(size: Field) -> None:
    step = step_that_sets(size)
    condition = SmartList.objects.create()
    SmartListFilter.objects.create(
        smart_list=condition, kind="x", position=0, config={"of": [{"field": size.name}]}
    )
    other = make.campaign("Autumn")
    Choice.objects.create(step=step, position=0, condition=condition)
    SmartListFilter.objects.create(smart_list=other.smart_list, kind=size.name, position=0)

    assert sorted(told(size)[size.name]) == ["Flow of “Spring”", "Smart list of “Autumn”"]


def test_a_field_whose_key_begins_another_is_not_taken_for_it(size: Field) -> None:
    longer = fields.of_custom(defining.define("Shoe Size?", "integer", by=None, now=NOON))
    assert longer.name.startswith(size.name)
    step_that_sets(longer)

    assert told(size, longer) == {size.name: [], longer.name: ["Flow of “Spring”"]}


def test_what_a_run_is_at_work_on_holds_a_field_and_what_is_over_does_not(size: Field) -> None:
    campaign = make.campaign("Spring")
    version = FlowVersion.objects.create(
        campaign=campaign, number=1, content={"steps": [size.name]}, published_at=NOON
    )
    run = Run.objects.create(
        campaign=campaign, version=version, token="x", state=Run.State.RUNNING, started_at=NOON
    )
    assert told(size)[size.name] == ["What a run of “Spring” is at work on"]

    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
    assert told(size)[size.name] == []


@pytest.mark.parametrize("name", ["Shoe Size", "Foot Size"])
def test_a_message_names_it_by_its_name_now_or_formerly(size: Field, name: str) -> None:
    draft = make.draft_message(f"{{{{person.{name}}}}}")
    defining.rename(_row(size), "Foot Size", meaning="")

    assert told(size)[size.name] == [f"Message “{draft}”"]


def test_an_approved_text_holds_it_though_the_draft_does_not(size: Field) -> None:
    approved = make.approved_message("Yours: {{person.Shoe Size}}")
    message.write(approved, text="Hello", now=NOON)

    assert told(size)[size.name] == [f"Message “{approved}”"]


def test_many_fields_are_asked_about_in_as_many_queries_as_one(size: Field) -> None:
    step_that_sets(size)
    make.approved_message("Yours: {{person.Shoe Size}}")
    many = [
        fields.of_custom(defining.define(f"No. {number}", "string", by=None, now=NOON))
        for number in range(20)
    ]
    fields.recent()

    assert _queries(size) == _queries(size, *many)


def _queries(*asked: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        told(*asked)
    return len(queries)


def _row(field: Field) -> Any:
    from people.models import CustomField

    return CustomField.objects.get(key=field.key)
