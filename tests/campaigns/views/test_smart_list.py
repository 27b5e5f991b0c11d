"""The Smart List tab: filters, the rule that joins them, and whom they find."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import counting, editor
from campaigns.models import Campaign, SmartList, SmartListFilter
from people import fields
from tests.campaigns import make
from tests.campaigns.views.sent import HTMX, form, sentences
from tests.people import make as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> Campaign:
    """City is Chicago, State is IL, Score at least 10."""
    at_least_10 = ("score", {"operator": "at_least", "value": "10"})
    in_illinois = ("state", {"operator": "is", "value": "IL"})
    return make.campaign(filters=[make.in_city(), in_illinois, at_least_10])


def url(name: str, pk: int) -> str:
    return reverse(f"campaigns:{name}", args=[pk])


def page(client: Client, campaign: Campaign, **query: Any) -> Any:
    return client.get(url("smart-list", campaign.pk), query)


def events(response: Any) -> dict[str, Any]:
    return dict(json.loads(response.headers.get("HX-Trigger", "{}")))


def stored(campaign: Campaign) -> list[dict[str, Any]]:
    return [row.config for row in campaign.smart_list.filters.all()]


def test_an_empty_smart_list_finds_nobody_and_says_so(client: Client) -> None:
    people.person()
    campaign = make.campaign()

    html = page(client, campaign).content.decode()
    counted = client.get(url("smart-list-people", campaign.pk), headers=HTMX).content.decode()

    assert "The smart list is empty: it finds nobody" in html
    assert "Nobody yet" in counted


def test_filters_are_numbered_sentences_and_the_rule_is_one(
    client: Client, three: Campaign
) -> None:
    response = page(client, three)

    assert sentences(response) == ["1. City is Chicago", "2. State is IL", "3. Score at least 10"]
    assert "People where City is Chicago and State is IL and Score at least 10." in (
        response.content.decode()
    )


def test_a_filter_is_added_where_it_was_dropped(client: Client, three: Campaign) -> None:
    sent = form(page(client, three)) | {"kind": ["company_name"], "position": ["1"]}

    response = client.post(url("add-filter", three.pk), sent, headers=HTMX)

    assert sentences(response)[1] == "2. Company Name"
    assert events(response)["announce"] == {"text": "Company Name added at 2 of 4"}
    assert "audience-changed" in events(response)


def test_a_filter_nobody_knows_is_not_added(client: Client, three: Campaign) -> None:
    response = client.post(url("add-filter", three.pk), {"kind": "aura"}, headers=HTMX)

    assert response.status_code == 400
    assert three.smart_list.filters.count() == 3


def test_a_change_in_a_field_is_saved_and_counted_again(client: Client, three: Campaign) -> None:
    row = three.smart_list.filters.all()[0]
    drawn = page(client, three, open=f"filter-{row.pk}")

    response = client.post(
        url("filter", row.pk), form(drawn, **{f"filter-{row.pk}-value": "Boston"}), headers=HTMX
    )

    assert stored(three)[0] == {"operator": "is", "value": "Boston"}
    assert sentences(response) == ["1. City is Boston"]
    assert "People where City is Boston and" in response.content.decode()
    assert "audience-changed" in events(response)


def test_an_operator_shows_only_the_fields_it_needs(client: Client, three: Campaign) -> None:
    row = make.filter_(
        three.smart_list, ("created_at", {"operator": "before", "day": "2026-01-31"})
    )

    html = client.get(url("filter", row.pk), headers=HTMX).content.decode()

    assert f'<input type="date" name="filter-{row.pk}-day" value="2026-01-31"' in html
    assert f'<input type="hidden" name="filter-{row.pk}-duration"' in html


def test_filters_that_need_vibes_wait_for_it(client: Client, three: Campaign) -> None:
    without = client.get(url("smart-list", three.pk)).content.decode()
    assert 'value="member_of_vibes_list"' not in without
    assert 'value="was_sent_sms_message"' not in without
    assert re.search("you find here: .*Member of Vibes List,.*Was Sent SMS Message", without)

    make.vibes_list()
    html = client.get(url("smart-list", three.pk)).content.decode()
    assert 'value="member_of_vibes_list"' in html
    assert 'value="was_sent_sms_message"' in html


def test_filters_are_moved_duplicated_and_deleted(client: Client, three: Campaign) -> None:
    first, second, _third = three.smart_list.filters.all()

    moved = client.post(url("move-filter", first.pk), {"to": "2"}, headers=HTMX)
    placed = client.post(url("move-filter", first.pk), {"place": "2"}, headers=HTMX)
    copied = client.post(url("duplicate-filter", second.pk), headers=HTMX)
    deleted = client.post(url("delete-filter", second.pk), headers=HTMX)

    assert events(moved)["announce"] == {"text": "City is Chicago moved to 3 of 3"}
    assert events(placed)["announce"] == {"text": "City is Chicago moved to 2 of 3"}
    assert events(copied)["announce"] == {"text": "State is IL duplicated at 2 of 4"}
    assert events(deleted)["toast"]["notes"][0]["text"] == "Deleted: State is IL"
    assert sentences(deleted) == ["1. State is IL", "2. City is Chicago", "3. Score at least 10"]


def test_dragging_brings_the_filters_into_the_order_of_the_list(
    client: Client, three: Campaign
) -> None:
    ids = [row.pk for row in three.smart_list.filters.all()]
    sent = form(page(client, three), dragged=f"filter-{ids[2]}")
    sent["filter"] = [str(ids[2]), str(ids[0]), str(ids[1])]

    response = client.post(url("reorder-filters", three.pk), sent, headers=HTMX)

    assert sentences(response) == ["1. Score at least 10", "2. City is Chicago", "3. State is IL"]
    assert events(response)["announce"] == {"text": "Score at least 10 moved to 1 of 3"}


def test_an_order_of_filters_that_changed_meanwhile_is_refused_with_a_word(
    client: Client, three: Campaign
) -> None:
    sent = form(page(client, three))
    editor.delete_filter(three.smart_list.filters.all()[0], by=make.user(), now=make.NOON)

    response = client.post(url("reorder-filters", three.pk), sent, headers=HTMX)

    assert sentences(response) == ["1. State is IL", "2. Score at least 10"]
    assert "Somebody else changed the smart list" in events(response)["toast"]["notes"][0]["text"]


def test_a_filter_of_a_choice_has_no_card_here(client: Client, three: Campaign) -> None:
    choice = make.choice(make.step(three, make.wait()), condition=make.in_city())

    response = client.get(url("filter", choice.condition.filters.get().pk), headers=HTMX)

    assert response.status_code == 404


# --- The rule --------------------------------------------------------------------------------------


def test_advanced_logic_begins_with_all_and_is_checked_as_it_is_typed(
    client: Client, three: Campaign
) -> None:
    pk = three.smart_list_id
    drawn = client.post(
        url("smart-list", three.pk),
        form(page(client, three), **{f"match-{pk}": "advanced"}),
        headers=HTMX,
    )
    begun = form(drawn)[f"logic-{pk}"]
    drawn = client.post(
        url("smart-list", three.pk), form(drawn, **{f"logic-{pk}": "1 and 2 or 3"}), headers=HTMX
    )

    assert begun == ["1 and 2 and 3"]
    assert "Put parentheses where “and” meets “or”, at character 9." in drawn.content.decode()
    assert SmartList.objects.get(pk=pk).logic == "1 and 2 or 3"


def test_a_rule_that_can_be_read_is_said_in_words(client: Client, three: Campaign) -> None:
    editor.set_match(
        three.smart_list, match="advanced", rule="1 or (2 and 3)", by=make.user(), now=make.NOON
    )

    html = page(client, three).content.decode()

    assert "People where City is Chicago or (State is IL and Score at least" in html


def test_a_rule_i_did_not_touch_never_overwrites_what_another_made_of_it(
    client: Client, three: Campaign
) -> None:
    drawn = page(client, three)
    editor.set_match(three.smart_list, match="any", rule="", by=make.user("ben"), now=make.NOON)

    response = client.post(url("smart-list", three.pk), form(drawn), headers=HTMX)

    assert SmartList.objects.get(pk=three.smart_list_id).match == "any"
    assert "ben changed this campaign" in events(response)["toast"]["notes"][0]["text"]


# --- Counting --------------------------------------------------------------------------------------


def test_counts_the_whole_and_each_filter_and_names_the_first_ten(
    client: Client, three: Campaign
) -> None:
    people.people(12, city="Chicago", state="IL", score=10, last_name="Both")
    people.people(3, city="Chicago")
    city, state, _score = three.smart_list.filters.all()

    html = client.get(url("smart-list-people", three.pk), headers=HTMX).content.decode()

    assert "12 people" in html
    assert f'id="count-{city.pk}" class="count-badge" hx-swap-oob="true">15<' in html
    assert f'id="count-{state.pk}" class="count-badge" hx-swap-oob="true">12<' in html
    assert html.count(">Both</a>") == 10


def test_an_incomplete_filter_leaves_the_others_counted(client: Client, three: Campaign) -> None:
    people.people(3, city="Chicago")
    make.filter_(three.smart_list, ("city", {"operator": "is", "value": ""}))
    city = three.smart_list.filters.all()[0]

    html = client.get(url("smart-list-people", three.pk), headers=HTMX).content.decode()

    assert "the smart list is not complete" in html
    assert f'id="count-{city.pk}" class="count-badge" hx-swap-oob="true">3<' in html


def test_counts_are_not_asked_for_before_the_page_stands(client: Client, three: Campaign) -> None:
    html = page(client, three).content.decode()

    assert "Counting people…" in html
    assert f'hx-get="{url("smart-list-people", three.pk)}" hx-trigger="load' in html


def test_without_script_a_link_counts(client: Client, three: Campaign) -> None:
    people.people(2, city="Chicago", state="IL", score=20)

    html = client.get(url("smart-list-people", three.pk)).content.decode()

    assert "<!doctype html>" in html.lower()
    assert "2 people" in html


# --- What is not here any more, plain forms, queries ------------------------------------------------


def test_a_filter_whose_file_is_gone_says_so_and_can_be_deleted(
    client: Client, three: Campaign
) -> None:
    row = three.smart_list.filters.all()[0]
    SmartListFilter.objects.filter(pk=row.pk).update(kind="aura")

    drawn = page(client, three)
    counted = client.get(url("smart-list-people", three.pk), headers=HTMX)
    after = client.post(url("delete-filter", row.pk), form(drawn), headers=HTMX)

    assert sentences(drawn)[0] == "1. aura (not available)"
    assert "not complete" in counted.content.decode()
    assert sentences(after) == ["1. State is IL", "2. Score at least 10"]


def test_everything_works_as_plain_forms(client: Client, three: Campaign) -> None:
    first, second, _third = three.smart_list.filters.all()
    opened = f"filter-{first.pk}"

    client.post(
        url("smart-list", three.pk),
        form(page(client, three, open=opened), **{f"{opened}-value": "Boston"}),
    )
    client.post(url("move-filter", first.pk), {"to": "1"})
    client.post(url("delete-filter", second.pk))
    response = client.post(url("add-filter", three.pk), {"kind": "city"}, follow=True)

    assert sentences(response) == ["1. City is Boston", "2. Score at least 10", "3. City"]


def test_a_page_an_edit_and_counting_cost_the_same_for_2_filters_and_for_20(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "FRESH", 600)  # however long it takes here
    for limit in ("WHOLE", "EACH", "FIRST"):
        monkeypatch.setattr(counting, limit, 60)
    offers = make.vibes_list()
    pair = [
        make.in_city(),
        ("member_of_vibes_list", {"operator": "in", "vibes_list": str(offers.pk)}),
    ]
    few, many = make.campaign("Few", filters=pair), make.campaign("Many", filters=pair * 10)
    people.people(2, city="Chicago")

    def costs(campaign: Campaign) -> list[int]:
        opened = "&".join(f"open=filter-{row.pk}" for row in campaign.smart_list.filters.all())
        address = f"{url('smart-list', campaign.pk)}?{opened}"
        sent = form(client.get(address))
        return [
            queries(client, address),
            queries(client, url("smart-list", campaign.pk), sent),
            queries(client, url("smart-list-people", campaign.pk)),
        ]

    client.get(url("smart-list", few.pk))  # what is asked once a process
    assert costs(few) == costs(many)


def queries(client: Client, address: str, data: Any = None) -> int:
    with CaptureQueriesContext(connection) as counted:
        if data is None:
            assert client.get(address).status_code == 200
        else:
            assert client.post(address, data, headers=HTMX).status_code == 200
    return len(counted)
