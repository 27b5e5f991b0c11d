"""Smart lists inside one another: one query, no rings, and a version that keeps what it was made with."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Q
from pytest_django import DjangoAssertNumQueries

from campaigns import audience, binning, drafts, editor, nesting, versions
from campaigns.filters.member_of_smart_list import _not
from campaigns.models import Campaign, NamedList, SmartListFilter
from people.models import Person
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    return person(first_name="Ana", city="Chicago", state="IL")


@pytest.fixture(autouse=True)
def others(ana: Person) -> None:
    person(first_name="Ben", city="Chicago", state="IN")
    person(first_name="Eve", city="", state="IL")


def names(campaign: Campaign) -> set[str]:
    spec = drafts.read(campaign).smart_list.spec
    return {each.first_name for each in audience.people(spec, now=NOON)}


def errors(of: Campaign | NamedList) -> list[str]:
    return [each.words for each in drafts.read_list(of).problems]


def test_people_of_another_list_are_found() -> None:
    chicago = make.named_list("Chicago", make.in_city())
    campaign = make.campaign(filters=[make.inside(chicago), make.in_state("IL")])

    assert names(campaign) == {"Ana"}


def test_not_in_finds_everybody_else_also_those_of_whom_nothing_is_known() -> None:
    Person.objects.filter(first_name="Eve").update(date_of_birth=date(2001, 5, 1))
    young = Q(date_of_birth__gt=date(2000, 1, 1))

    found = Person.objects.filter(_not(young) & Q(date_of_birth=None))

    assert {each.first_name for each in found} == {"Ana", "Ben"}
    assert not Person.objects.filter(_not(young), first_name="Eve").exists()


def test_however_deep_it_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    inner = make.named_list("Chicago", make.in_city())
    middle = make.named_list("Chicago in Illinois", make.inside(inner), make.in_state("IL"))
    spec = drafts.read(make.campaign(filters=[make.inside(middle, "not_in")])).smart_list.spec

    with django_assert_num_queries(1):
        found = {each.first_name for each in audience.people(spec, now=NOON)}

    assert found == {"Ben", "Eve"}


def test_a_ring_is_refused_on_every_card_of_it_and_at_publish() -> None:
    first, second = make.named_list("First"), make.named_list("Second")
    make.filter_(first.smart_list, make.inside(second))
    make.filter_(second.smart_list, make.inside(first))
    campaign = make.campaign(filters=[make.inside(first)], steps=[make.change()])

    (said,) = errors(first)
    assert "This goes in a ring: “Second” → “First” → “Second”." in said
    assert "ring" in errors(second)[0]
    with pytest.raises(versions.NotReady, match="ring"):
        versions.publish(campaign, by=make.user(), now=NOON)


def test_a_list_cannot_ask_itself() -> None:
    mine = make.named_list("Mine")
    make.filter_(mine.smart_list, make.inside(mine))

    assert "“Mine” → “Mine”" in errors(mine)[0]


def test_lists_are_at_most_so_deep_in_one_another() -> None:
    inner = make.named_list("1", make.in_city())
    for number in range(2, nesting.DEEPEST + 2):
        inner = make.named_list(str(number), make.inside(inner))
        told = errors(make.named_list(f"Asks {number}", make.inside(inner)))
        assert bool(told) == (number > nesting.DEEPEST)

    assert "at most 5 deep" in told[0]


def test_a_tower_that_grows_wide_is_refused_before_it_is_built() -> None:
    inner = make.named_list("Wide", *[make.in_city()] * 20)
    for number in range(3):
        inner = make.named_list(f"Wide {number}", *[make.inside(inner)] * 20)

    assert "more than 200 filters" in errors(inner)[0]


@pytest.mark.parametrize(
    ("filters", "why"),
    [
        ([], "“Half” has no filter yet."),
        ([("city", {"operator": "is", "value": ""})], "“Half” is not complete: 1. City"),
        ([("gone", {})], "“Half” is not complete: gone"),
    ],
)
def test_an_incomplete_list_cannot_be_used_and_the_card_says_why(
    filters: list[make.Settings], why: str
) -> None:
    half = make.named_list("Half")
    for position, (kind, config) in enumerate(filters):
        SmartListFilter.objects.create(
            smart_list=half.smart_list, kind=kind, config=dict(config), position=position
        )

    assert why in errors(make.campaign(filters=[make.inside(half)]))[0]


def test_a_list_whose_logic_cannot_be_read_cannot_be_used() -> None:
    odd = make.named_list("Odd", *[make.in_city()] * 3)
    editor.set_match(odd.smart_list, match="advanced", rule="1 and 2 or 3", by=None, now=NOON)

    assert "“Odd” is not complete" in errors(make.campaign(filters=[make.inside(odd)]))[0]


def test_a_version_keeps_the_rule_it_was_published_with() -> None:
    chicago = make.named_list("Chicago", make.in_city())
    campaign = make.campaign(filters=[make.inside(chicago)], steps=[make.change()])
    version = versions.publish(campaign, by=make.user(), now=NOON)

    row = chicago.smart_list.filters.get()
    editor.configure_filter(row, make.in_city("Boston")[1], by=None, now=NOON)
    draft = drafts.read(campaign)
    binning.delete(make.named_list("Not used").node, by=None, now=NOON)

    kept = versions.flow_of(version).smart_list
    assert {each.first_name for each in audience.people(kept, now=NOON)} == {"Ana", "Ben"}
    assert names(campaign) == set()
    assert not versions.is_published(campaign, draft)


def test_a_static_list_inside_a_nested_rule_counts_as_used() -> None:
    from campaigns import uses
    from tests.people.make import static_list

    newsletter = static_list()
    on_it = ("member_of_list", {"operator": "in", "static_list": str(newsletter.pk)})
    named = make.named_list("On it", on_it)
    campaign = make.campaign(filters=[make.inside(named)], steps=[make.change()])
    versions.publish(campaign, by=make.user(), now=NOON)
    editor.delete_filter(named.smart_list.filters.get(), by=None, now=NOON)

    said = [each.words for each in uses.of(newsletter)]

    assert said == ["Version 1 of the campaign “Send to Chicago”"]
