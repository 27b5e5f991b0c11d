"""The Flow tab: every button and field of it, with and without script."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import drafts, editor, versions
from campaigns.models import Campaign, Cohort, Edit, Entry, FlowStep, Run
from people import fields
from tests.campaigns import make
from tests.campaigns.views.sent import HTMX, form, sentences
from tests.people import make as people
from tests.vibes import make as vibes
from vibes.models import Account, VibesList

pytestmark = pytest.mark.django_db


@pytest.fixture
def waits() -> Campaign:
    """Wait 1 day, Wait 2 days, Wait 3 days."""
    return make.campaign(filters=[make.in_city()], steps=[make.wait(each) for each in (1, 2, 3)])


@pytest.fixture
def offers() -> VibesList:
    return make.vibes_list()


def url(name: str, pk: int) -> str:
    return reverse(f"campaigns:{name}", args=[pk])


def page(client: Client, campaign: Campaign, **query: Any) -> Any:
    return client.get(url("flow", campaign.pk), query)


def summaries(campaign: Campaign) -> list[str]:
    return [card.summary for card in drafts.read(Campaign.objects.get(pk=campaign.pk)).steps]


def announced(response: Any) -> str:
    said = json.loads(response.headers.get("HX-Trigger", "{}")).get("announce", {})
    return str(said.get("text", ""))


def toasts(response: Any) -> list[str]:
    sent = json.loads(response.headers.get("HX-Trigger", "{}")).get("toast", {})
    return [note["text"] for note in sent.get("notes", [])]


def test_an_empty_flow_says_what_to_do(client: Client) -> None:
    response = page(client, make.campaign())

    assert sentences(response) == []
    assert "The flow is empty" in response.content.decode()


def test_a_complete_card_is_one_sentence_and_an_incomplete_one_stands_open(
    client: Client, waits: Campaign
) -> None:
    make.step(waits, ("wait", {"amount": "", "unit": "days"}))

    response = page(client, waits)
    html = response.content.decode()

    assert sentences(response) == ["1. Wait 1 day", "2. Wait 2 days", "3. Wait 3 days", "4. Wait"]
    assert html.count('class="card-step-body"') == 1
    assert html.count("Enter a value.") == 2  # at its field, and among the issues


def test_a_card_opens_by_its_address(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[1]

    response = page(client, waits, open=f"step-{step.pk}")

    assert form(response)[f"step-{step.pk}-amount"] == ["2"]


def test_a_card_opens_by_itself(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[1]

    html = client.get(url("step", step.pk), headers=HTMX).content.decode()

    assert html.lstrip().startswith(f'<li id="step-{step.pk}"')
    assert "autofocus" in html


def test_the_palette_offers_what_there_is(client: Client, waits: Campaign, offers: object) -> None:
    html = page(client, waits).content.decode()

    assert [html.count(f'value="{kind}"') for kind in ("send_sms", "wait")] == [2, 2]  # and "+"
    assert "you find here" not in html


def test_without_vibes_the_palette_says_why_its_steps_are_missing(
    client: Client, waits: Campaign
) -> None:
    html = page(client, waits).content.decode()

    assert 'value="send_sms"' not in html
    assert "Not connected to Vibes yet. Once a service works, you find here: Send SMS" in html
    assert 'href="/vibes/"' in html


def test_the_palette_hides_what_a_refused_service_cannot_do_and_says_so(
    client: Client, waits: Campaign, offers: VibesList
) -> None:
    Account.objects.update(health=Account.Health.REFUSED)
    refused = page(client, waits).content.decode()
    assert 'value="send_sms"' not in refused
    assert "Vibes refuses our login. Once that is mended, you find here: Send SMS" in refused

    Account.objects.update(health=Account.Health.AWAY)
    assert 'value="send_sms"' in page(client, waits).content.decode()


def test_the_palette_sends_to_sync_where_no_list_is_known(client: Client, waits: Campaign) -> None:
    vibes.account()

    assert "Sync the service, and you find here" in page(client, waits).content.decode()


@pytest.mark.parametrize(("position", "place"), [("0", 1), ("2", 3), ("", 4)])
def test_a_step_is_added_where_it_was_dropped(
    client: Client, waits: Campaign, position: str, place: int
) -> None:
    sent = form(page(client, waits)) | {"kind": ["add_to_list"], "position": [position]}

    response = client.post(url("add-step", waits.pk), sent, headers=HTMX)

    assert sentences(response)[place - 1] == f"{place}. Add to List"
    assert announced(response) == f"Add to List added at {place} of 4"


def test_a_step_nobody_knows_is_not_added(client: Client, waits: Campaign) -> None:
    response = client.post(url("add-step", waits.pk), {"kind": "teleport"}, headers=HTMX)

    assert response.status_code == 400
    assert waits.steps.count() == 3


def test_a_change_in_a_field_is_saved_and_the_card_redrawn(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[1]
    sent = form(page(client, waits, open=f"step-{step.pk}"), **{f"step-{step.pk}-amount": "9"})

    response = client.post(url("step", step.pk), sent, headers=HTMX)

    assert summaries(waits) == ["Wait 1 day", "Wait 9 days", "Wait 3 days"]
    assert sentences(response) == ["2. Wait 9 days"]
    assert "draft-changed" in response["HX-Trigger"]


def test_what_is_wrong_is_kept_and_said_at_the_field(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[1]
    sent = form(page(client, waits, open=f"step-{step.pk}"), **{f"step-{step.pk}-amount": "0"})

    response = client.post(url("step", step.pk), sent, headers=HTMX)

    assert FlowStep.objects.get(pk=step.pk).config == {"amount": "0", "unit": "days"}
    assert "greater than or equal to 1" in response.content.decode()
    assert 'aria-invalid="true"' in response.content.decode()


def test_a_dropdown_follows_the_one_before_it(client: Client, offers: VibesList) -> None:
    make.acquisition_campaign(offers)
    alerts = make.vibes_list("Service alerts")
    campaign = make.campaign(steps=[("subscribe_to_vibes_list", {})])
    step = campaign.steps.get()
    name = f"step-{step.pk}-vibes_list"

    fed = client.post(
        url("step", step.pk), form(page(client, campaign), **{name: str(offers.pk)}), headers=HTMX
    ).content.decode()
    unfed = client.post(
        url("step", step.pk), form(page(client, campaign), **{name: str(alerts.pk)}), headers=HTMX
    ).content.decode()

    assert "Offers by web" in fed
    assert "Offers by web" not in unfed
    assert "No active acquisition campaign feeds this list." in unfed


def test_a_chosen_message_and_list_say_what_they_are(client: Client, offers: VibesList) -> None:
    make.subscribers(offers, 3)
    campaign = make.campaign(steps=[make.send(make.approved_message("Hello <b>\nAll"), offers)])

    html = page(client, campaign, open=f"step-{campaign.steps.get().pk}").content.decode()

    assert "“Hello &lt;b&gt;” · 1 part before tokens are filled" in html
    assert "3 members now" in html


def test_every_button_keeps_what_the_open_cards_sent(client: Client, waits: Campaign) -> None:
    first, second, _third = waits.steps.all()
    drawn = page(client, waits, open=[f"step-{first.pk}", f"step-{second.pk}"])
    sent = form(drawn, **{f"step-{first.pk}-amount": "7", "to": "2"})

    response = client.post(url("move-step", second.pk), sent, headers=HTMX)

    assert summaries(waits) == ["Wait 7 days", "Wait 3 days", "Wait 2 days"]
    assert announced(response) == "Wait 2 days moved to 3 of 3"
    assert set(form(response)) >= {f"step-{first.pk}-amount", f"step-{second.pk}-amount"}


def test_done_folds_the_card(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]
    drawn = page(client, waits, open=f"step-{step.pk}")

    response = client.post(url("step", step.pk), form(drawn, close=f"step-{step.pk}"), headers=HTMX)

    assert "card-step-body" not in response.content.decode()


def test_a_step_is_moved_to_a_position(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]

    asked = client.get(url("move-step", step.pk), headers=HTMX).content.decode()
    client.post(url("move-step", step.pk), {"place": "3"}, headers=HTMX)

    assert "Move “Wait 1 day”" in asked
    assert summaries(waits) == ["Wait 2 days", "Wait 3 days", "Wait 1 day"]


def test_dragging_brings_the_steps_into_the_order_of_the_list(
    client: Client, waits: Campaign
) -> None:
    first, second, third = (step.pk for step in waits.steps.all())
    sent = form(page(client, waits), dragged=f"step-{third}")
    sent["step"] = [str(third), str(first), str(second)]

    response = client.post(url("reorder-steps", waits.pk), sent, headers=HTMX)

    assert summaries(waits) == ["Wait 3 days", "Wait 1 day", "Wait 2 days"]
    assert announced(response) == "Wait 3 days moved to 1 of 3"


def test_an_order_of_steps_that_changed_meanwhile_is_refused_with_a_word(
    client: Client, waits: Campaign
) -> None:
    sent = form(page(client, waits))
    editor.delete_step(waits.steps.all()[0], by=make.user(), now=make.NOON)

    response = client.post(url("reorder-steps", waits.pk), sent, headers=HTMX)

    assert sentences(response) == ["1. Wait 2 days", "2. Wait 3 days"]
    assert toasts(response) == ["Somebody else changed the flow. Here is what is there now."]


def test_a_step_is_duplicated_right_after_itself(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]

    response = client.post(url("duplicate-step", step.pk), headers=HTMX)

    assert summaries(waits) == ["Wait 1 day", "Wait 1 day", "Wait 2 days", "Wait 3 days"]
    assert announced(response) == "Wait 1 day duplicated at 2 of 4"


def test_deleting_asks_nothing_and_says_what_is_gone(client: Client, waits: Campaign) -> None:
    response = client.post(url("delete-step", waits.steps.all()[1].pk), headers=HTMX)

    assert sentences(response) == ["1. Wait 1 day", "2. Wait 3 days"]
    assert toasts(response) == ["Deleted: Wait 2 days"]


def test_a_step_that_was_deleted_meanwhile_is_not_found(client: Client, waits: Campaign) -> None:
    assert client.post(url("delete-step", 10_000), headers=HTMX).status_code == 404


# --- Choices --------------------------------------------------------------------------------------


def test_a_choice_is_added_given_a_condition_and_settings(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]
    drawn = client.post(url("add-choice", step.pk), form(page(client, waits)), headers=HTMX)
    choice = step.choices.get()
    condition = choice.condition

    drawn = client.post(
        url("flow", waits.pk), form(drawn, **{f"add-{condition.pk}": "city"}), headers=HTMX
    )
    row = condition.filters.get()
    typed = {f"filter-{row.pk}-value": "Chicago", f"choice-{choice.pk}-amount": "5"}
    client.post(url("step", step.pk), form(drawn, **typed), headers=HTMX)

    assert summaries(waits)[0] == "If City is Chicago: Wait 5 days; Otherwise: Wait 1 day"


def test_a_branch_may_do_nothing_and_keeps_its_settings(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]
    choice = make.choice(step, condition=make.in_city(), config={"amount": "5", "unit": "days"})
    drawn = page(client, waits, open=f"step-{step.pk}")

    drawn = client.post(
        url("flow", waits.pk), form(drawn, **{f"choice-{choice.pk}-nothing": "on"}), headers=HTMX
    )
    after = summaries(waits)[0]
    sent = form(drawn)
    del sent[f"choice-{choice.pk}-nothing"]
    client.post(url("flow", waits.pk), sent, headers=HTMX)

    assert after == "If City is Chicago: do nothing; Otherwise: Wait 1 day"
    assert summaries(waits)[0] == "If City is Chicago: Wait 5 days; Otherwise: Wait 1 day"


def test_choices_are_reordered_and_deleted(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]
    first = make.choice(step, condition=make.in_city("Chicago"))
    make.choice(step, condition=make.in_city("Boston"))

    client.post(url("move-choice", first.pk), {"to": "1"}, headers=HTMX)
    moved = summaries(waits)[0]
    response = client.post(url("delete-choice", first.pk), headers=HTMX)

    assert moved == (
        "If City is Boston: do nothing; If City is Chicago: do nothing; Otherwise: Wait 1 day"
    )
    assert summaries(waits)[0] == "If City is Boston: do nothing; Otherwise: Wait 1 day"
    assert toasts(response) == ["Deleted the choice: If City is Chicago"]


def test_a_filter_of_a_condition_is_deleted(client: Client, waits: Campaign) -> None:
    choice = make.choice(waits.steps.all()[0], condition=make.in_city())
    make.filter_(choice.condition, ("state", {"operator": "is", "value": "IL"}))

    client.post(url("delete-condition", choice.condition.filters.all()[0].pk), headers=HTMX)

    assert summaries(waits)[0] == "If State is IL: do nothing; Otherwise: Wait 1 day"


def test_a_filter_of_the_smart_list_is_no_condition(client: Client, waits: Campaign) -> None:
    row = waits.smart_list.filters.get()

    assert client.post(url("delete-condition", row.pk), headers=HTMX).status_code == 404


# --- Drafts and versions --------------------------------------------------------------------------


def test_publishing_keeps_what_was_typed_first(client: Client, waits: Campaign) -> None:
    step = waits.steps.all()[0]
    drawn = page(client, waits, open=f"step-{step.pk}")
    assert "Draft: never published" in drawn.content.decode()

    response = client.post(
        url("publish", waits.pk), form(drawn, **{f"step-{step.pk}-amount": "8"}), headers=HTMX
    )

    assert waits.versions.get().content["steps"][0]["branches"][0]["config"]["amount"] == 8
    assert "Published as version 1" in response.content.decode()
    assert toasts(response) == ["Published as version 1."]


def test_a_draft_that_cannot_run_is_not_published_and_says_why(client: Client) -> None:
    campaign = make.campaign(steps=[("wait", {"amount": "", "unit": "days"})])

    html = client.post(url("publish", campaign.pk), headers=HTMX).content.decode()

    assert not campaign.versions.exists()
    assert "1. Wait: Wait for: Enter a value." in html
    assert f'href="{url("flow", campaign.pk)}#id_step-{campaign.steps.get().pk}-amount"' in html
    assert f'href="{url("smart-list", campaign.pk)}"' in html


def test_a_draft_that_was_edited_says_from_which_version_it_differs(
    client: Client, waits: Campaign
) -> None:
    versions.publish(waits, by=make.user(), now=make.NOON)
    editor.delete_step(waits.steps.all()[0], by=make.user(), now=make.NOON)

    assert "Draft: differs from version 1" in page(client, waits).content.decode()


def test_says_how_many_people_are_still_inside_older_versions(
    client: Client, waits: Campaign
) -> None:
    version = versions.publish(waits, by=make.user(), now=make.NOON)
    run = Run.objects.create(
        campaign=waits, version=version, state=Run.State.RUNNING, token="t", started_at=make.NOON
    )
    cohort = Cohort.objects.create(run=run, number=1)
    Entry.objects.bulk_create(
        Entry(run=run, person=person, cohort=cohort, entered_at=make.NOON)
        for person in people.people(3)
    )
    unchanged = page(client, waits).content.decode()
    editor.delete_step(waits.steps.all()[0], by=make.user(), now=make.NOON)

    assert "are inside version" not in unchanged
    assert "3 people are inside version 1" in page(client, waits).content.decode()


# --- Two people ------------------------------------------------------------------------------------


def test_a_card_i_did_not_touch_never_overwrites_what_another_made_of_it(
    client: Client, waits: Campaign
) -> None:
    first, second, _third = waits.steps.all()
    drawn = page(client, waits, open=[f"step-{first.pk}", f"step-{second.pk}"])
    _as_ben(first, amount="30")

    response = client.post(
        url("step", second.pk), form(drawn, **{f"step-{second.pk}-amount": "4"}), headers=HTMX
    )

    assert summaries(waits) == ["Wait 30 days", "Wait 4 days", "Wait 3 days"]
    assert sentences(response)[0] == "1. Wait 30 days"
    assert response.headers["HX-Retarget"] == "closest #draft, closest [data-card]"
    (said,) = toasts(response)
    assert said.startswith("ben changed this campaign at ")


def test_when_two_change_one_card_the_second_is_told_what_the_first_had_set(
    client: Client, waits: Campaign
) -> None:
    first = waits.steps.all()[0]
    drawn = page(client, waits, open=f"step-{first.pk}")
    _as_ben(first, amount="30")

    response = client.post(
        url("step", first.pk), form(drawn, **{f"step-{first.pk}-amount": "4"}), headers=HTMX
    )

    assert summaries(waits)[0] == "Wait 4 days"
    assert (
        "Your setting was kept instead of theirs, which was: “Wait 30 days”." in toasts(response)[0]
    )


def _as_ben(step: FlowStep, *, amount: str) -> None:
    ben: AbstractBaseUser = make.user("ben")
    config = {"amount": amount, "unit": "days"}
    editor.configure_step(step, config, does_nothing=False, by=ben, now=make.NOON)


# --- What is not here any more ---------------------------------------------------------------------


def test_a_step_whose_file_is_gone_says_so_and_can_be_deleted(
    client: Client, waits: Campaign
) -> None:
    step = waits.steps.all()[0]
    FlowStep.objects.filter(pk=step.pk).update(kind="teleport", config={"where": "Mars"})

    drawn = page(client, waits)
    kept = client.post(url("flow", waits.pk), form(drawn), headers=HTMX)
    after = client.post(url("delete-step", step.pk), form(drawn), headers=HTMX)

    assert sentences(drawn)[0] == "1. teleport (not available)"
    assert "what it does is not known" in kept.content.decode()
    assert sentences(after) == ["1. Wait 2 days", "2. Wait 3 days"]


# --- Without script --------------------------------------------------------------------------------


def test_everything_works_as_plain_forms(client: Client, waits: Campaign) -> None:
    first, second, third = waits.steps.all()
    opened = f"step-{second.pk}"

    client.post(
        url("flow", waits.pk), form(page(client, waits, open=opened), **{f"{opened}-amount": "5"})
    )
    client.post(url("move-step", first.pk), {"to": "2"})
    client.post(url("delete-step", third.pk))
    response = client.post(url("add-step", waits.pk), {"kind": "wait"}, follow=True)

    made = waits.steps.last()
    assert made is not None
    assert response.redirect_chain == [(f"{url('flow', waits.pk)}?open=step-{made.pk}", 302)]
    assert sentences(response) == ["1. Wait 5 days", "2. Wait 1 day", "3. Wait"]
    assert "Wait added at 3 of 3" in [
        str(each) for each in get_messages(response.wsgi_request)
    ] or ("Wait added at 3 of 3" in response.content.decode())


def test_problems_are_shown_as_a_page(client: Client) -> None:
    html = client.post(url("publish", make.campaign().pk)).content.decode()

    assert "<!doctype html>" in html.lower()
    assert "The flow is empty" in html


# --- Queries ---------------------------------------------------------------------------------------


def queries(client: Client, address: str, data: Any = None) -> int:
    with CaptureQueriesContext(
        connection,
    ) as counted:
        response = (
            client.post(address, data, headers=HTMX) if data is not None else client.get(address)
        )
        assert response.status_code == 200
    return len(counted)


def test_a_page_and_an_edit_cost_the_same_for_2_cards_and_for_20(
    client: Client, offers: VibesList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "FRESH", 600)  # however long it takes here
    message, web = make.approved_message(), make.acquisition_campaign(offers)
    pair = [make.send(message, offers), make.ask_to_join(offers, web)]
    few = make.campaign("Few", filters=[make.in_city()], steps=pair)
    many = make.campaign("Many", filters=[make.in_city()], steps=pair * 10)
    for campaign in (few, many):
        for step in campaign.steps.all():
            make.choice(
                step,
                condition=(
                    "member_of_vibes_list",
                    {"operator": "in", "vibes_list": str(offers.pk)},
                ),
            )

    Edit.objects.all().delete()  # or the oldest would be dropped where they are many

    def costs(campaign: Campaign) -> list[int]:
        opened = "&".join(f"open=step-{step.pk}" for step in campaign.steps.all())
        address = f"{url('flow', campaign.pk)}?{opened}"
        sent = form(client.get(address))
        first = campaign.steps.all()[0]
        return [
            queries(client, url("flow", campaign.pk)),
            queries(client, address),
            queries(client, url("flow", campaign.pk), sent),
            queries(client, url("move-step", first.pk), sent | {"to": ["1"]}),
        ]

    client.get(url("flow", few.pk))  # what is asked once a process
    assert costs(few) == costs(many)
