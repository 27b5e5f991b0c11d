"""A Vibes service stays while a campaign names a list or a campaign of it, wherever that is."""

from __future__ import annotations

import pytest
from django.db import transaction

from campaigns import versions
from campaigns.models import SmartListFilter
from tests.campaigns import make
from vibes import deleting
from vibes.models import VibesList

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


def member_of(of: VibesList) -> make.Settings:
    return "member_of_vibes_list", {"operator": "in", "vibes_list": str(of.pk)}


def test_a_list_that_nothing_names_does_not_hold_its_service(offers: VibesList) -> None:
    beside = make.vibes_list("News")
    assert deleting.obstacle(beside.account) == ""
    assert VibesList.objects.count() == 2


def test_a_step_holds_the_service(offers: VibesList) -> None:
    make.campaign(steps=[make.send(make.approved_message(), offers)])
    assert "smart campaign" in deleting.obstacle(offers.account)


def test_a_filter_holds_the_service(offers: VibesList) -> None:
    make.campaign(filters=[member_of(offers)])
    assert "smart campaign" in deleting.obstacle(offers.account)


def test_a_filter_of_a_published_version_holds_the_service(offers: VibesList) -> None:
    other = make.vibes_list("News")
    flow = make.campaign(filters=[member_of(offers)], steps=[make.change("city", "Boston")])
    with transaction.atomic():
        versions.publish(flow, by=make.user(), now=make.NOON)
    SmartListFilter.objects.all().delete()

    assert "smart campaign" in deleting.obstacle(other.account)
