"""The Schedule tab of a triggered campaign: Activate and Deactivate in place of Run."""

from __future__ import annotations

import pytest
from django.test import Client

from campaigns import activating, editor, launch, outline, schedule, versions
from campaigns.models import Campaign, Intervention, Node, Run
from people.models import StaticList
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.people.make import static_list

pytestmark = pytest.mark.django_db


@pytest.fixture
def news() -> StaticList:
    return static_list("News")


@pytest.fixture
def welcome(news: StaticList) -> Campaign:
    return make.requestable(filters=[make.in_city()], steps=[make.add_to(news)])


@pytest.fixture
def web(client: Client) -> Client:
    client.force_login(make.user())
    return client


def page(web: Client, campaign: Campaign) -> str:
    return web.get(f"/marketing-activities/campaigns/{campaign.pk}/schedule/").text


def activate(web: Client, campaign: Campaign) -> str:
    address = f"/marketing-activities/campaigns/{campaign.pk}/schedule/activate/"
    return web.post(address, follow=True).text


def state(campaign: Campaign) -> str:
    (node,) = outline.stated(Node.objects.filter(campaign=campaign))
    return str(node.state)  # type: ignore[attr-defined]


def test_a_trigger_makes_it_triggered(web: Client, welcome: Campaign) -> None:
    html = page(web, welcome)

    assert "Activate…" in html
    assert "Run now" not in html


def test_activated_twice_is_active_once(web: Client, welcome: Campaign) -> None:
    assert "Active. What was drafted is published as version 1." in activate(web, welcome)
    assert "It was active already." in activate(web, welcome)

    assert Run.objects.active().count() == 1
    assert "Deactivate…" in page(web, welcome)


def test_what_is_not_complete_is_not_activated(web: Client) -> None:
    empty = make.requestable()

    assert "This cannot be activated yet" in activate(web, empty)
    assert not Run.objects.exists()


def test_a_batch_campaign_is_not_activated(news: StaticList) -> None:
    batch = make.campaign(filters=[make.in_city()], steps=[make.add_to(news)])

    with pytest.raises(versions.NotReady, match="It has no trigger"):
        activating.activate(batch, by=make.user(), now=NOON)


def test_a_triggered_campaign_is_not_run_and_not_planned(web: Client, welcome: Campaign) -> None:
    address = f"/marketing-activities/campaigns/{welcome.pk}/schedule/run/"
    assert "not run but activated" in web.get(address).text
    with pytest.raises(versions.NotReady, match="not run but activated"):
        make.run(welcome)
    with pytest.raises(versions.NotReady, match="not run but activated"):
        make.slot(welcome)
    assert not Run.objects.exists()
    assert not welcome.versions.exists()


def test_it_is_not_run_while_it_is_active_still(welcome: Campaign) -> None:
    make.active(welcome)
    editor.delete_trigger(welcome.smart_list.triggers.get(), by=make.user(), now=NOON)

    with pytest.raises(versions.NotReady, match="Deactivate it before you run it"):
        launch.start(welcome, token="x", by=None, now=NOON)


def test_a_run_planned_before_is_refused_while_it_is_active(news: StaticList) -> None:
    campaign = make.campaign(filters=[make.in_city()], steps=[make.add_to(news)])
    slot = make.slot(campaign)
    editor.add_trigger(campaign, kind="campaign_is_requested", by=make.user(), now=NOON)
    make.active(campaign)

    assert schedule.start(slot.pk, now=slot.scheduled_for) is None
    slot.refresh_from_db()
    assert "Deactivate it" in slot.why


def test_deactivated_it_says_so_and_keeps_who_did_it(web: Client, welcome: Campaign) -> None:
    run = make.active(welcome)
    address = f"/marketing-activities/runs/{run.pk}/deactivate/"
    assert "Nobody enters any more" in web.get(address).text

    html = web.post(address, {"why": "Summer"}, follow=True).text

    assert "Inactive: nobody enters any more." in html
    line = Intervention.objects.get(run=run)
    assert (line.deed, line.by, line.reason) == ("off", make.user(), "Summer")


def test_somebody_else_does_not_deactivate_it(client: Client, welcome: Campaign) -> None:
    run = make.active(welcome)
    client.force_login(make.user("ben"))

    assert client.post(f"/marketing-activities/runs/{run.pk}/deactivate/").status_code == 403
    assert Run.objects.active().exists()


def test_how_often_a_person_enters_is_kept(web: Client, welcome: Campaign) -> None:
    address = f"/marketing-activities/campaigns/{welcome.pk}/schedule/enters/"

    web.post(address, {"enters": "days", "every_count": "30"})
    wrong = web.post(address, {"enters": "days", "every_count": "0"})

    welcome.refresh_from_db()
    assert (welcome.enters, welcome.every_count) == ("days", 30)
    assert wrong.status_code == 422
    assert 'value="0"' in wrong.text


def test_the_person_limit_is_said_before_it_is_activated(web: Client, welcome: Campaign) -> None:
    Campaign.objects.update(person_limit=1_500)

    assert "No more people than this enter from when it is activated" in page(web, welcome)
    asked = web.get(f"/marketing-activities/campaigns/{welcome.pk}/schedule/activate/").text
    assert "At most 1,500 people enter before it is deactivated" in asked


def test_an_active_campaign_says_how_far_its_person_limit_is_reached(
    web: Client, welcome: Campaign
) -> None:
    activate(web, welcome)
    Run.objects.active().update(entered=2)

    assert "2 people of at most 250,000 have entered." in page(web, welcome)


@pytest.mark.parametrize(("limit", "is_full"), [("2", True), ("3", False)])
def test_a_limit_that_is_reached_says_what_to_do(
    web: Client, welcome: Campaign, limit: str, is_full: bool
) -> None:
    activate(web, welcome)
    Run.objects.active().update(entered=2)

    address = f"/marketing-activities/campaigns/{welcome.pk}/schedule/limit/"
    said = web.post(address, {"person_limit": limit}, headers={"HX-Request": "true"}).text

    assert f"2 people of at most {limit} have entered." in said
    assert ("Nobody else enters: raise the limit" in said) is is_full


def test_the_tree_shows_whether_it_is_active(welcome: Campaign) -> None:
    assert state(welcome) == "inactive"
    run = make.active(welcome)
    assert state(welcome) == "requested"
    Run.objects.update(state="paused")
    assert state(welcome) == "paused"
    Run.objects.update(state="running")
    activating.deactivate(run.pk, by=None, now=NOON)
    assert state(welcome) == "running"  # those inside
    launch.finish_runs(now=NOON)
    assert state(welcome) == "inactive"


def test_the_smart_list_tab_adds_a_trigger_and_takes_it_off(web: Client) -> None:
    campaign = make.campaign()
    address = f"/marketing-activities/campaigns/{campaign.pk}/smart-list"
    html = web.post(f"{address}/add/", {"kind": "campaign_is_requested"}, follow=True).text
    assert "The campaign is triggered now" in html
    assert "enters: no filter narrows it" in html

    row = campaign.smart_list.triggers.get()
    html = web.post(f"/marketing-activities/triggers/{row.pk}/delete/", follow=True).text
    assert "it is a batch campaign again" in html
    web.post(f"{address}/undo/")

    assert [each.pk for each in campaign.smart_list.triggers.all()] == [row.pk]


def test_a_list_that_stands_alone_has_no_triggers(web: Client) -> None:
    named = make.named_list()

    assert "Campaign is Requested" not in web.get(named.get_absolute_url()).text
    address = f"/marketing-activities/smart-lists/{named.pk}/add/"
    assert web.post(address, {"kind": "campaign_is_requested"}).status_code == 400
    assert not named.smart_list.triggers.exists()


def test_results_and_members_of_an_activation_are_shown(web: Client, welcome: Campaign) -> None:
    run = make.active(welcome)

    results = web.get(f"/marketing-activities/campaigns/{welcome.pk}/results/?run={run.pk}").text

    assert "Active: people enter as they come" in results
    assert "Nobody has entered yet." in results
    assert "Pause…" in results
    assert "Stop…" in results
