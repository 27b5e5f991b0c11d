"""Undo and redo by their buttons, and the page of versions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import editor, history, versions
from campaigns.models import Campaign, Edit, FlowVersion, NamedList
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views.sent import HTMX, form, sentences
from tests.campaigns.views.test_flow import toasts

pytestmark = pytest.mark.django_db


@pytest.fixture
def waits() -> Campaign:
    made = make.campaign(filters=[make.in_city()], steps=[make.wait(each) for each in (1, 2, 3)])
    Edit.objects.all().delete()
    return made


def url(name: str, pk: int) -> str:
    return reverse(f"campaigns:{name}", args=[pk])


def press(client: Client, action: str, of: Campaign | NamedList, at: str = "flow") -> Any:
    """The button as the page shows it now."""
    page = client.get(url(at, of.pk))
    address = url(f"{action}-{at}", of.pk)
    text = page.content.decode().partition(f'action="{address}"')[2]
    seen = re.search(r'name="seen" value="(\d*)"', text)
    assert seen
    return client.post(address, form(page) | {"seen": [seen[1]]}, headers=HTMX)


def named(client: Client, action: str, of: Campaign) -> str:
    text = client.get(url("flow", of.pk)).content.decode()
    found = re.search(rf'id="{action}"[^>]*title="([^"]*)"', text)
    assert found
    return found[1]


def test_the_button_says_what_it_undoes_and_undoes_it(client: Client, waits: Campaign) -> None:
    editor.delete_step(waits.steps.all()[1], by=make.user(), now=NOON)
    assert named(client, "undo", waits) == "Undo delete “Wait 2 days” (ada)"

    response = press(client, "undo", waits)

    assert sentences(response) == ["1. Wait 1 day", "2. Wait 2 days", "3. Wait 3 days"]
    assert toasts(response) == ["Undone: delete “Wait 2 days”"]
    assert named(client, "redo", waits) == "Redo delete “Wait 2 days” (ada)"


def test_what_was_undone_is_done_again(client: Client, waits: Campaign) -> None:
    editor.delete_step(waits.steps.all()[1], by=make.user(), now=NOON)
    press(client, "undo", waits)

    response = press(client, "redo", waits)

    assert sentences(response) == ["1. Wait 1 day", "2. Wait 3 days"]


def test_where_nothing_is_left_the_button_says_nothing(client: Client, waits: Campaign) -> None:
    assert named(client, "undo", waits) == "Undo"
    assert toasts(press(client, "undo", waits)) == ["There is nothing to undo."]
    assert toasts(press(client, "redo", waits)) == ["There is nothing to redo."]


def test_what_was_typed_and_not_sent_yet_is_what_is_undone(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]
    page = client.get(url("flow", waits.pk), {"open": f"step-{step.pk}"})
    sent = form(page, **{f"step-{step.pk}-amount": "7"})

    response = client.post(url("undo-flow", waits.pk), sent | {"seen": [""]}, headers=HTMX)

    assert toasts(response) == ["Undone: change “Wait”"]
    assert "Wait 1 day" in sentences(response)[0]


def test_what_was_saved_on_the_way_to_the_button_is_not_done_again_when_it_comes_late(
    client: Client, waits: Campaign
) -> None:
    step = waits.steps.all()[0]
    page = client.get(url("flow", waits.pk), {"open": f"step-{step.pk}"})
    sent = form(page, **{f"step-{step.pk}-amount": "7"})
    client.post(url("undo-flow", waits.pk), sent | {"seen": [""]}, headers=HTMX)

    client.post(url("step", step.pk), sent, headers=HTMX)

    assert waits.steps.all()[0].config["amount"] == "1"
    assert named(client, "redo", waits) == "Redo change “Wait” (ada)"


def test_what_is_typed_in_another_tab_after_an_undo_is_kept(
    client: Client, waits: Campaign
) -> None:
    step = waits.steps.all()[0]
    other_tab = form(
        client.get(url("flow", waits.pk), {"open": f"step-{step.pk}"}),
        **{f"step-{step.pk}-amount": "9"},
    )
    editor.delete_step(waits.steps.all()[1], by=make.user(), now=NOON)
    press(client, "undo", waits)

    client.post(url("step", step.pk), other_tab, headers=HTMX)

    assert waits.steps.all()[0].config["amount"] == "9"


def test_what_somebody_else_typed_meanwhile_is_kept(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]
    sent = form(
        client.get(url("flow", waits.pk), {"open": f"step-{step.pk}"}),
        **{f"step-{step.pk}-amount": "7"},
    )
    editor.delete_step(waits.steps.all()[1], by=make.user("ben"), now=NOON)
    history.undo(waits, Edit.Side.FLOW, seen=0, by=make.user("ben"), now=NOON)

    client.post(url("step", step.pk), sent, headers=HTMX)

    assert waits.steps.all()[0].config["amount"] == "7"


def test_a_button_from_before_somebody_else_edited_undoes_nothing(
    client: Client, waits: Campaign
) -> None:
    editor.move_step(waits.steps.all()[1], to=0, by=make.user(), now=NOON)
    page, seen = client.get(url("flow", waits.pk)), str(Edit.objects.get().pk)
    editor.delete_step(waits.steps.all()[2], by=make.user("ben"), now=NOON)

    response = client.post(url("undo-flow", waits.pk), form(page) | {"seen": [seen]}, headers=HTMX)

    assert sentences(response) == ["1. Wait 2 days", "2. Wait 1 day"]
    assert any("Nothing was undone" in each and "(ben)" in each for each in toasts(response))


@pytest.mark.parametrize("alone", [True, False])
def test_filters_are_undone_on_their_own_tab(client: Client, waits: Campaign, alone: bool) -> None:
    owner = make.named_list("Chicago", make.in_city()) if alone else waits
    at = "named-list" if alone else "smart-list"
    editor.delete_filter(owner.smart_list.filters.get(), by=make.user(), now=NOON)

    response = press(client, "undo", owner, at)

    assert sentences(response) == ["1. City is Chicago"]


def test_what_was_typed_before_redo_is_kept_and_leaves_nothing_to_redo(
    client: Client, waits: Campaign
) -> None:
    editor.delete_step(waits.steps.all()[1], by=make.user(), now=NOON)
    press(client, "undo", waits)
    step = waits.steps.all()[0]
    page = client.get(url("flow", waits.pk), {"open": f"step-{step.pk}"})
    sent = form(page, **{f"step-{step.pk}-amount": "7"})

    response = client.post(url("redo-flow", waits.pk), sent | {"seen": [""]}, headers=HTMX)

    assert toasts(response) == ["There is nothing to redo."]
    assert waits.steps.all()[0].config["amount"] == "7"


def test_without_script_the_page_comes_anew(client: Client, waits: Campaign) -> None:
    editor.delete_step(waits.steps.all()[1], by=make.user(), now=NOON)

    response = client.post(url("undo-flow", waits.pk), {"seen": "1"}, follow=True)

    assert sentences(response) == ["1. Wait 1 day", "2. Wait 2 days", "3. Wait 3 days"]
    assert "Undone: delete “Wait 2 days”" in response.content.decode()


# --- Versions -------------------------------------------------------------------------------------


@pytest.fixture
def published(waits: Campaign) -> Campaign:
    """Two versions, the second without Wait 2 days; and a draft that differs."""
    versions.publish(waits, by=make.user(), now=NOON)
    editor.delete_step(waits.steps.all()[1], by=make.user(), now=NOON)
    versions.publish(waits, by=make.user("ben"), now=NOON)
    editor.move_step(waits.steps.all()[1], to=0, by=make.user(), now=NOON)
    return waits


def test_the_history_says_what_each_version_changed(client: Client, published: Campaign) -> None:
    text = client.get(url("history", published.pk)).content.decode()

    assert "Draft, against version 2" in text
    assert "was moved from place 2 to 1" in text
    second, first = text.partition('id="version-2"')[2].split('id="version-1"')
    assert "Flow: step 2, “Wait 2 days”, was deleted." in second
    assert "ben" in second
    assert "Flow: “Wait 1 day” was added as step 1." in first


def test_a_version_is_restored_into_the_draft(client: Client, published: Campaign) -> None:
    first = FlowVersion.objects.get(number=1)

    response = client.post(url("restore-version", first.pk), follow=True)

    assert sentences(response) == ["1. Wait 1 day", "2. Wait 2 days", "3. Wait 3 days"]
    assert "The draft is version 1 again." in response.content.decode()


def test_one_of_before_its_cards_were_kept_is_only_read(
    client: Client, published: Campaign
) -> None:
    FlowVersion.objects.filter(number=1).update(draft=None)
    first = FlowVersion.objects.get(number=1)

    text = client.get(url("history", published.pk)).content.decode()
    refused = client.post(url("restore-version", first.pk), follow=True)

    assert "From before its cards were kept" in text
    assert url("restore-version", first.pk) not in text
    assert (
        "cannot be restored" in refused.content.decode()
        or "not restored" in refused.content.decode()
    )


def test_many_versions_come_a_page_at_a_time_at_the_same_cost(
    client: Client, waits: Campaign
) -> None:
    costs = []
    for many in (3, 25):
        while waits.versions.count() < many:
            editor.move_step(waits.steps.all()[1], to=0, by=make.user(), now=NOON)
            versions.publish(waits, by=make.user(), now=NOON)
        with CaptureQueriesContext(connection) as counted:
            text = client.get(url("history", waits.pk)).content.decode()
        costs.append(len(counted))

    assert costs[0] == costs[1]
    assert text.count("Restore into the draft") == 20
    assert "?before=6" in text
    older = client.get(url("history", waits.pk), {"before": "6"}).content.decode()
    assert older.count("Restore into the draft") == 5
