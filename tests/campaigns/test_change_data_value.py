"""Change Data Value: NULL clears, tokens are each person's own, and what does not fit harms nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from campaigns.registry import Outcome, StepContext, steps
from people import defining, fields, rights
from people.models import Activity, Person
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.test_runner import run_all, running, verdicts
from tests.people.make import people, person

pytestmark = pytest.mark.django_db
STEP = steps.get("change_data_value")
CONTEXT = StepContext(now=NOON, campaign_id=1, campaign="Test", run_id=1, step_id=1)


def params(field: str, value: str) -> Any:
    return STEP.params(STEP.form({"field": field, "value": value}))


def change(field: str, value: str) -> Outcome:
    return STEP.execute(Person.objects.all(), params(field, value), CONTEXT)


def errors(field: str, value: str) -> list[str]:
    form = STEP.form({"field": field, "value": value})
    form.is_valid()
    return [str(each) for each in form.errors.get("value", [])]


def test_null_in_capitals_clears_a_field_of_any_type() -> None:
    ana = person(city="Chicago", score=7, date_of_birth=date(1990, 1, 2), block_listed=True)

    for field in ("city", "score", "date_of_birth", "block_listed"):
        change(field, " NULL ")

    ana.refresh_from_db()
    assert (ana.city, ana.score, ana.date_of_birth, ana.block_listed) == ("", 0, None, False)


def test_null_is_said_as_clearing_and_small_letters_are_a_text() -> None:
    assert STEP.summary(params("city", "NULL")) == "Clear City"
    assert STEP.summary(params("city", "null")) == "Change City to “null”"


def test_tokens_are_each_persons_own() -> None:
    ana, ben = person(first_name="Ana", city="Chicago"), person(first_name="Ben")

    change("company", "{{person.First Name}} of {{person.City:default=nowhere}}")

    for each in (ana, ben):
        each.refresh_from_db()
    assert (ana.company, ben.company) == ("Ana of Chicago", "Ben of nowhere")


def test_an_empty_token_clears_the_field_and_a_person_called_null_keeps_the_name() -> None:
    ana, ben = person(company="Acme"), person(company="Acme", last_name="NULL")

    change("company", "{{person.Last Name}}")

    for each in (ana, ben):
        each.refresh_from_db()
    assert (ana.company, ben.company) == ("", "NULL")


@pytest.mark.parametrize(
    ("word", "label", "source"),
    [
        ("date", "Birthday", {"date_of_birth": date(1990, 1, 2)}),
        ("integer", "Points", {"score": 12345}),
        ("boolean", "Barred", {"block_listed": True}),
    ],
)
def test_a_typed_value_is_copied_as_what_it_is(
    word: str, label: str, source: dict[str, Any]
) -> None:
    field = fields.of_custom(defining.define(label, word, by=None, now=NOON))
    ana = person(**source)
    [(name, value)] = source.items()

    assert change(field.name, f"{{{{person.{fields.label(name)}}}}}") == Outcome()

    ana.refresh_from_db()
    assert field.value(ana) == value


def test_what_does_not_fit_the_field_skips_that_person_alone_and_says_why() -> None:
    person(first_name="Ana", city="Chicago", company="1990-01-02")
    person(first_name="Ben", city="Chicago", company="Acme", date_of_birth=date(2000, 1, 1))
    campaign = make.campaign(
        filters=[make.in_city()], steps=[make.change("date_of_birth", "{{person.Company Name}}")]
    )

    run = running(campaign)
    run_all()

    assert verdicts(run) == [("Ana", "done", ""), ("Ben", "skipped", "value-unreadable")]
    assert "“Acme” is not a date" in run.verdicts.get(state="skipped").detail
    born = Person.objects.order_by("first_name").values_list("date_of_birth", flat=True)
    assert list(born) == [date(1990, 1, 2), date(2000, 1, 1)]


def test_a_forecast_names_whom_it_would_skip_and_writes_nothing() -> None:
    ben = person(company="Acme")

    said = STEP.forecast(
        Person.objects.all(), params("date_of_birth", "{{person.Company Name}}"), CONTEXT
    )

    assert said.skipped == {"value-unreadable": {ben.pk}}
    assert not Activity.objects.exists()


def test_history_tells_the_value_before_and_only_of_those_who_changed() -> None:
    ana, _ben = person(first_name="Ana", city="Rome"), person(first_name="Ben", city="Ben")

    change("city", "{{person.First Name}}")

    [line] = Activity.objects.all()
    assert (line.person_id, line.details["changes"]) == (ana.pk, {"city": ["Rome", "Ana"]})


def test_a_token_that_no_field_has_is_named_on_the_card() -> None:
    assert errors("city", "{{person.Shoe Size}}") == [
        "No field of people is called {{person.Shoe Size}}."
    ]
    assert not errors("date_of_birth", "{{person.City}}")


def test_a_token_may_lift_a_restriction_and_needs_the_right() -> None:
    assert STEP.needs(params("block_listed", "{{person.Block Listed}}")) == rights.LIFT
    assert STEP.needs(params("block_listed", "NULL")) == rights.LIFT
    assert STEP.needs(params("block_listed", "yes")) == ""
    assert STEP.needs(params("city", "{{person.First Name}}")) == ""


def test_costs_the_same_for_any_number_of_people(django_assert_num_queries: Any) -> None:
    setting = params("city", "{{person.First Name}}")  # the card asks which fields there are

    for count in (2, 200):
        people(count, first_name=f"One of {count}")
        with django_assert_num_queries(4):
            STEP.execute(Person.objects.all(), setting, CONTEXT)


def test_the_card_says_both_in_its_help() -> None:
    help_text = str(STEP.form({}).fields["value"].help_text)

    for said in ("NULL", "{{person.First Name}}"):
        assert said in STEP.help
        assert said in help_text
