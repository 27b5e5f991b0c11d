"""Campaigns that request themselves, directly or through others, are named before they start."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns import activating, cautions, drafts, rings, versions
from campaigns.models import Campaign
from people.models import StaticList
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import static_list

pytestmark = pytest.mark.django_db


@pytest.fixture
def news() -> StaticList:
    return static_list("News")


def said(campaign: Campaign) -> str:
    return " ".join(each.words for each in cautions.of_draft(drafts.read(campaign)))


def chain(*names: str) -> list[Campaign]:
    """Active campaigns each of which requests the next, the last one the first."""
    made = [make.requestable(name) for name in names]
    for one, following in zip(made, [*made[1:], made[0]], strict=True):
        make.step(one, make.request(following))
    for each in made:
        make.active(each)
    return made


def test_a_campaign_that_requests_itself() -> None:
    itself = make.requestable()
    make.step(itself, make.request(itself))

    assert "1. This campaign requests itself." in said(itself)


def test_a_ring_is_named_on_its_whole_way() -> None:
    first, *_others = chain("First", "Second", "Third")

    assert "“First” → “Second” → “Third” → “First”" in said(first)


def test_a_chain_that_ends_is_no_ring(news: StaticList) -> None:
    target = make.requestable("Target", steps=[make.add_to(news)])
    make.active(target)
    asking = make.campaign(filters=[make.in_city()], steps=[make.request(target)])

    assert said(asking) == ""


def test_one_that_only_meets_a_ring_is_not_in_it() -> None:
    first, _second = chain("First", "Second")
    outside = make.campaign("Outside", filters=[make.in_city()], steps=[make.request(first)])

    assert "ring" not in said(outside)


def test_looking_costs_a_statement_a_level_and_one_for_the_names(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first, *others = chain("First", "Second", "Third")

    with django_assert_num_queries(3):
        found = rings.way_back({others[0].pk}, to=first.pk)

    assert found == others


def test_a_triggered_campaign_without_filters_is_warned_of(news: StaticList) -> None:
    assert "No filter narrows who enters" in said(make.requestable(steps=[make.add_to(news)]))
    narrowed = make.requestable("B", filters=[make.in_city()], steps=[make.add_to(news)])
    assert "No filter" not in said(narrowed)


def test_a_batch_does_not_start_while_what_it_requests_is_not_active(news: StaticList) -> None:
    target = make.requestable("Target", steps=[make.add_to(news)])
    asking = make.campaign(filters=[make.in_city()], steps=[make.request(target)])

    with pytest.raises(versions.NotReady, match="“Target” is not active, so nobody would enter it"):
        make.run(asking)


def test_a_triggered_one_is_warned_and_activated_for_they_may_wait_for_each_other(
    news: StaticList,
) -> None:
    target = make.requestable("Target", steps=[make.add_to(news)])
    between = make.requestable("Between", steps=[make.request(target)])

    assert "“Target” is not active" in said(between)
    _run, is_new = activating.activate(between, by=make.user(), now=NOON)
    assert is_new


def test_a_campaign_without_the_trigger_cannot_be_chosen(news: StaticList) -> None:
    batch = make.campaign("Batch", steps=[make.add_to(news)])
    asking = make.campaign(filters=[make.in_city()], steps=[make.request(batch)])
    (card,) = drafts.read(asking).steps

    assert not card.is_valid
    assert card.default.form
    assert "No campaign can be requested yet" in card.default.form.fields["campaign"].help_text


def test_whoever_is_requested_is_not_deleted(news: StaticList) -> None:
    target = make.requestable("Target", steps=[make.add_to(news)])
    make.campaign(filters=[make.in_city()], steps=[make.request(target)])

    assert target.used_by.count() == 1
