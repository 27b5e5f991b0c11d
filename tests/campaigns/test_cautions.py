"""What a marketer may not mean is named before a launch, with the place that mends it, and bars nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import audience, cautions, drafts
from campaigns.models import Campaign
from people import defining, fields, patience
from people.models import Person
from tests.campaigns import make
from tests.campaigns.make import NOON, Settings
from tests.campaigns.test_runner import running
from tests.people.make import person, static_list

pytestmark = pytest.mark.django_db
OUT: Settings = ("remove_from_flow", {"campaign": ""})


def said(campaign: Campaign) -> list[str]:
    return [each.words for each in cautions.of_draft(drafts.read(campaign))]


def test_a_step_that_changes_what_a_filter_asks_is_named_with_both() -> None:
    campaign = make.campaign(
        filters=[make.in_state(), make.in_city()], steps=[make.wait(), make.change()]
    )

    [found] = cautions.of_draft(drafts.read(campaign))

    assert found.words == (
        "2. “Change City to “Boston”” changes what filter 2 of the smart list asks: “City is Chicago”."
        " Who qualifies is then no longer the same, when it runs again or starts late."
    )
    assert found.anchor == f"step-{campaign.steps.last().pk}"  # type: ignore[union-attr]


def test_adding_to_the_list_that_is_asked_is_named() -> None:
    news, other = static_list("News"), static_list("Other")
    asked = ("member_of_list", {"operator": "in", "static_list": str(news.pk)})

    campaign = make.campaign(filters=[asked], steps=[make.add_to(other), make.add_to(news)])

    [words] = said(campaign)
    assert words.startswith("2. “Add to list News”")


def test_a_field_of_ones_own_is_told_apart_from_others() -> None:
    shoe = fields.of_custom(defining.define("Shoe", "string", by=None, now=NOON))
    asked = (f"custom_{shoe.row}", {"operator": "is", "value": "42"})

    campaign = make.campaign(filters=[asked], steps=[make.change(shoe.name), make.change()])

    [words] = said(campaign)
    assert words.startswith("1. “Change Shoe")


def test_a_choice_that_changes_it_counts_and_one_that_does_nothing_does_not() -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[make.change("company", "Acme")])
    step = campaign.steps.get()
    make.choice(step, condition=make.in_state())
    before = said(campaign)
    make.choice(step, condition=make.in_state(), config=make.change()[1])

    assert (before, len(said(campaign))) == ([], 1)


def test_removing_everybody_first_is_named_and_only_some_is_not() -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[OUT, make.wait()])
    before = said(campaign)
    make.choice(campaign.steps.first(), condition=make.in_state())  # type: ignore[arg-type]

    [words] = before
    assert words == (
        "1. “Remove from this flow” takes everybody out of the flow at once."
        " Add a choice to take only some."
    )
    assert not said(campaign)


def test_steps_that_nobody_reaches_are_named_and_an_end_is_not() -> None:
    dead = make.campaign("Dead", filters=[make.in_city()], steps=[make.wait(), OUT, make.wait()])
    fine = make.campaign("Fine", filters=[make.in_city()], steps=[make.wait(), OUT])

    assert said(dead) == [
        "2. “Remove from this flow” takes everybody out: nobody reaches the steps after it."
    ]
    assert not said(fine)


def test_reading_them_asks_the_database_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    draft = drafts.read(make.campaign(filters=[make.in_city()], steps=[make.change()]))
    assert draft.smart_list.is_valid
    assert draft.steps[0].is_valid

    with django_assert_num_queries(0):
        assert cautions.of_draft(draft)


def met(campaign: Campaign, hours: int = 1) -> list[tuple[str, int]]:
    whom = audience.people(drafts.read(campaign).smart_list.spec, now=NOON)
    found = cautions.met_today(campaign, whom, now=NOON + timedelta(hours=hours))
    return [(str(each.run.campaign), each.people) for each in found]


@pytest.fixture
def earlier() -> Campaign:
    """Ran at noon with Ana and Ben, of whom Ana is in Illinois."""
    person(first_name="Ana", city="Chicago", state="IL")
    person(first_name="Ben", city="Chicago")
    campaign = make.campaign("Earlier", filters=[make.in_city()], steps=[make.wait()])
    running(campaign)
    return campaign


def test_the_same_people_in_another_run_of_today_are_counted(earlier: Campaign) -> None:
    campaign = make.campaign("Now", filters=[make.in_state()], steps=[make.wait()])

    assert met(campaign) == [("Earlier", 1)]
    assert met(campaign, hours=24) == []
    assert met(earlier) == []


def test_other_runs_cost_two_queries_and_none_one(
    earlier: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = Person.objects.all()
    for count in range(3):
        running(make.campaign(f"Too {count}", filters=[make.in_city()], steps=[make.wait()]))

    with django_assert_num_queries(1):
        cautions.met_today(earlier, people, now=NOON + timedelta(days=2))
    assert len(cautions.met_today(earlier, people, now=NOON)) == 3


def test_what_takes_too_long_is_left_out(
    earlier: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        raise patience.TookTooLong

    monkeypatch.setattr(patience, "at_most", slow)

    assert met(make.campaign("Now", filters=[make.in_state()], steps=[make.wait()])) == []


def test_schedule_shows_them_with_a_link_and_may_be_run(admin_client: Client) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[make.change()])
    step = campaign.steps.get()

    page = admin_client.get(reverse("campaigns:run", args=[campaign.pk]))

    words = page.content.decode()
    assert "changes what filter 1 of the smart list asks" in words
    assert f'{reverse("campaigns:flow", args=[campaign.pk])}#step-{step.pk}"' in words
    assert "Nothing stands in the way." in words
