"""What is said beside the cards: asked for by itself after a change, so that a card answers however long the flow."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect

from campaigns import drafts
from campaigns.models import Campaign, FlowStep, SmsMessage
from tests.campaigns import make
from tests.campaigns.views.sent import HTMX, form

pytestmark = pytest.mark.django_db


def url(name: str, pk: int) -> str:
    return reverse(f"campaigns:{name}", args=[pk])


def changed(client: Client, campaign: Campaign, amount: str) -> Any:
    """The answer to another amount in the card of the first step."""
    step = campaign.steps.all()[0]
    drawn = client.get(url("flow", campaign.pk), {"open": f"step-{step.pk}"})
    sent = form(drawn, **{f"step-{step.pk}-amount": amount})
    return client.post(url("step", step.pk), sent, headers=HTMX)


def test_a_card_is_answered_without_reading_the_others(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[make.wait(each) for each in range(9)])
    made: list[int] = []
    first = drafts.StepCard.__init__

    def noted(card: drafts.StepCard, row: FlowStep, *others: Any) -> None:
        made.append(row.pk)
        first(card, row, *others)

    monkeypatch.setattr(drafts.StepCard, "__init__", noted)
    step = campaign.steps.all()[0]
    sent = form(client.get(url("flow", campaign.pk), {"open": f"step-{step.pk}"}))
    made.clear()

    client.post(url("step", step.pk), sent, headers=HTMX)

    assert set(made) == {step.pk}


def test_the_card_says_at_its_field_what_is_wrong_and_undo_what_it_would_take_back(
    client: Client,
) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[make.wait(1), make.wait(2)])

    html = changed(client, campaign, "0").content.decode()

    assert "greater than or equal to 1" in html
    assert 'id="undoing"' in html
    assert 'aria-label="1. Wait"' in html


def test_the_last_card_is_known_to_be_the_last(client: Client) -> None:
    campaign = make.campaign(steps=[make.wait(1), make.wait(2)])
    pk = campaign.steps.all()[1].pk

    html = client.get(url("step", pk), headers=HTMX).content.decode()

    assert 'aria-label="2. Wait 2 days"' in html
    down = html[html.index(f'id="step-{pk}-down"') :]
    assert " disabled" in down[: down.index(">")]


def test_a_reference_that_goes_is_an_issue_at_once(client: Client) -> None:
    campaign = make.ready_campaign()
    before = client.get(url("draft-state", campaign.pk), headers=HTMX).content.decode()

    SmsMessage.objects.update(approved=None)

    after = client.get(url("draft-state", campaign.pk), headers=HTMX).content.decode()
    assert "issue" not in before
    assert "1. Send SMS Message" in after


def test_a_smart_list_that_stands_alone_says_its_own(client: Client) -> None:
    named = make.named_list("Half done", ("city", {"operator": "is"}))

    html = client.get(url("named-list-state", named.pk), headers=HTMX).content.decode()

    assert "1 issue" in html
    assert "Publish" not in html


def test_its_address_leads_to_the_page_without_script(client: Client) -> None:
    campaign, named = make.campaign(), make.named_list("Alone", make.in_city())

    of_campaign = client.get(url("draft-state", campaign.pk))
    of_list = client.get(url("named-list-state", named.pk))

    assert of_campaign.headers["Location"] == url("flow", campaign.pk)
    assert of_list.headers["Location"] == url("named-list", named.pk)


def test_a_change_of_a_card_costs_the_same_in_a_long_flow(client: Client) -> None:
    changed(
        client, make.campaign(steps=[make.wait(1)]), "7"
    )  # which fields there are is asked once
    counts = []
    for steps in (2, 20):
        waits = [make.wait(1)] * steps
        campaign = make.campaign(f"{steps} steps", filters=[make.in_city()], steps=waits)
        with CaptureQueriesContext(connection) as queries:
            changed(client, campaign, "7")
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_follows_what_is_typed(page: Page, client: Client, live_server: Any) -> None:
    client.force_login(make.user())
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])  # type: ignore[typeddict-item]
    campaign = make.campaign(filters=[make.in_city()], steps=[make.wait(1), ("wait", {})])
    page.goto(live_server.url + url("flow", campaign.pk))
    issues, typed = page.locator("#issues > button"), page.get_by_label("Wait for")
    expect(issues).to_contain_text("1 issue")

    typed.fill("3")
    expect(issues).to_have_count(0)
    expect(page.locator("[data-save-state]")).to_have_text("Saved")
    expect(typed).to_be_focused()
    typed.fill("0")
    typed.press("Tab")

    expect(issues).to_contain_text("1 issue")
    expect(page.locator("#undo")).to_have_attribute("title", "Undo change “Wait” (ada)")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_issue_leads_into_its_field(page: Page, client: Client, live_server: Any) -> None:
    client.force_login(make.user())
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])  # type: ignore[typeddict-item]
    campaign = make.campaign(filters=[("city", {"operator": "is"})], steps=[("wait", {})])
    page.goto(live_server.url + url("flow", campaign.pk))

    page.locator("#issues > button").click()
    page.locator("#issues a", has_text="Wait").click()
    expect(page.get_by_label("Wait for")).to_be_focused()
    page.locator("#issues > button").click()
    page.locator("#issues a", has_text="City").click()  # on the other page

    expect(
        page.locator("#filters input:is([id$='-value'], [id$='-value-ts-control'])")
    ).to_be_focused()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_is_too_much_to_send_on_leaving_is_asked_about_and_sent(
    page: Page, client: Client, live_server: Any
) -> None:
    client.force_login(make.user())
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**cookie, "url": live_server.url}])  # type: ignore[typeddict-item]
    values = "".join(f"{n:0100d}\n" for n in range(900))  # more than the 64 KB of a beacon
    much = ("city", {"operator": "is", "value": values})
    campaign = make.campaign(filters=[much, ("full_name", {"operator": "is", "value": "A\n"})])
    opened = "&".join(f"open=filter-{each.pk}" for each in campaign.smart_list.filters.all())
    page.goto(f"{live_server.url}{url('smart-list', campaign.pk)}?{opened}")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)

    page.evaluate(
        """document.addEventListener("htmx:confirm", (event) => event.preventDefault())"""
    )
    page.locator(
        "#filters input:is([id$='-value'], [id$='-value-ts-control'])"
    ).last.press_sequentially("Bo")
    page.get_by_role("link", name="Schedule").first.click()
    page.wait_for_url("**/schedule/")

    assert asked == ["beforeunload"]
    page.goto(f"{live_server.url}{url('smart-list', campaign.pk)}")
    expect(page.locator("#filters > [data-card]").last).to_contain_text("Bo")
