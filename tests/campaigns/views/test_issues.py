"""Issues: all that keeps a draft from running, on every page of it, each with the place that mends it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import drafts
from campaigns.models import Campaign, SmsMessage
from people import defining, fields
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views.sent import HTMX, form
from vibes.models import VibesList

pytestmark = pytest.mark.django_db


def url(name: str, pk: int) -> str:
    return reverse(f"campaigns:{name}", args=[pk])


def issues(response: Any) -> list[tuple[str, str]]:
    """(words, address) of each, as the panel has them."""
    panel = re.search(r'id="issues".*?</ul>', response.content.decode(), re.DOTALL)
    found = re.findall(r'href="([^"]*)">([^<]*)</a>', panel.group() if panel else "")
    return [(words, address) for address, words in found]


def words(campaign: Campaign) -> list[str]:
    return [each.words for each in drafts.read(Campaign.objects.get(pk=campaign.pk)).problems]


@pytest.mark.parametrize("page", ["flow", "smart-list"])
def test_both_pages_list_all_with_the_place_that_mends_it(client: Client, page: str) -> None:
    campaign = make.campaign(filters=[("city", {"operator": "is"})], steps=[("wait", {})])
    filter_, step = campaign.smart_list.filters.get(), campaign.steps.get()

    found = issues(client.get(url(page, campaign.pk)))

    assert [address for _words, address in found] == [
        f"{url('smart-list', campaign.pk)}#id_filter-{filter_.pk}-value",
        f"{url('flow', campaign.pk)}#id_step-{step.pk}-amount",
    ]
    assert [each for each, _address in found] == words(campaign)


@pytest.mark.parametrize("page", ["flow", "smart-list"])
def test_what_may_run_shows_none(client: Client, page: str) -> None:
    campaign = make.ready_campaign()

    assert issues(client.get(url(page, campaign.pk))) == []


def test_each_change_of_a_card_has_the_page_ask_for_the_list_anew(client: Client) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[("wait", {})])
    step = campaign.steps.get()
    sent = form(client.get(url("flow", campaign.pk))) | {f"step-{step.pk}-amount": "3"}
    state = url("draft-state", campaign.pk)
    before = issues(client.get(state, headers=HTMX))

    response = client.post(url("step", step.pk), sent, headers=HTMX)

    assert "draft-changed" in response["HX-Trigger"]
    assert (len(before), issues(client.get(state, headers=HTMX))) == (1, [])


def test_a_smart_list_that_stands_alone_has_its_own(client: Client) -> None:
    named = make.named_list("Half done", ("city", {"operator": "is"}))
    filter_ = named.smart_list.filters.get()

    [(_words, address)] = issues(client.get(url("named-list", named.pk)))

    assert address == f"{url('named-list', named.pk)}#id_filter-{filter_.pk}-value"


def test_a_message_whose_approval_goes_makes_it_invalid_at_once() -> None:
    campaign = make.ready_campaign()
    before = words(campaign)

    SmsMessage.objects.update(approved=None)

    assert before == []
    assert [each.partition(":")[0] for each in words(campaign)] == ["1. Send SMS Message"]


def test_a_list_that_is_gone_at_vibes_makes_it_invalid_at_once() -> None:
    campaign = make.ready_campaign()

    VibesList.objects.update(gone_at=NOON)

    assert [each.partition(":")[0] for each in words(campaign)] == ["1. Send SMS Message"]


def test_a_deleted_field_makes_its_filter_an_issue() -> None:
    row = defining.define("Shoe", "string", by=None, now=NOON)
    shoe = fields.of_custom(row)
    asked = (f"custom_{shoe.row}", {"operator": "is", "value": "42"})
    campaign = make.campaign(filters=[asked], steps=[make.wait()])

    row.delete()
    fields.everything()

    [found] = words(campaign)
    assert "Remove the card." in found
