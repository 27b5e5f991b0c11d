"""The page on which those who wait are moved, and where it says what was done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import editor, launch, moving, versions
from campaigns.models import Cohort, FlowVersion, Run
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes.models import VibesList

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr("campaigns.tasks.tick.delay_on_commit", lambda: heard.append("tick"))
    return heard


@pytest.fixture
def run() -> Run:
    """Three people wait two days between two texts; version 2 has another step before the second."""
    offers = make.vibes_list()
    make.subscribers(offers, 3, city="Chicago")
    steps = [
        make.send(make.approved_message("One", name="First"), offers),
        make.wait(2),
        make.send(make.approved_message("Two", name="Second"), offers),
    ]
    run = runs.running(make.campaign(filters=[make.in_city()], steps=steps))
    added = make.step(run.campaign, make.change("state", "IL"))
    editor.move_step(added, to=2, by=make.user(), now=make.NOON)
    versions.publish(run.campaign, by=make.user(), now=make.NOON)
    return run


def url(run: Run) -> str:
    return reverse("campaigns:move-waiting", args=[run.version_id])


def words(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.split())


def shown(page: Any) -> dict[str, Any]:
    """What the form of a page sends."""
    return {name: page.context["form"][name].value() for name in ("people", "revision")}


def post(client: Client, run: Run, **data: str) -> Any:
    """The form as the page shows it now."""
    return client.post(url(run), shown(client.get(url(run))) | data)


def said(response: Any) -> list[str]:
    return [str(each) for each in get_messages(response.wsgi_request)]


# --- What it says ---------------------------------------------------------------------------------


def test_flow_and_history_say_who_is_inside_and_lead_there(client: Client, run: Run) -> None:
    for name in ("flow", "history"):
        page = client.get(reverse(f"campaigns:{name}", args=[run.campaign_id]))
        assert "3 people are inside version 1 (published " in words(page)
        assert "and go on with it, all of them waiting." in words(page)
        assert f'href="{url(run)}"' in page.content.decode()


def test_says_what_they_were_about_to_meet_and_what_they_meet(client: Client, run: Run) -> None:
    text = words(client.get(url(run)))

    assert "Move those waiting from version 1 to version 2" in text
    assert "2. Wait 2 days 3 people wait here" in text
    assert "Next, in version 1 3. Send “Second” to Offers" in text
    assert "Next, in version 2 3. Change" in text
    assert "As before, " in text
    assert "was added as step 3." in text
    assert "Move 3 people to version 2" in text


def test_says_what_is_gone_and_what_is_not_met(client: Client, run: Run) -> None:
    editor.delete_step(run.campaign.steps.all()[1], by=make.user(), now=make.NOON)
    first = make.step(run.campaign, make.wait(1))
    editor.move_step(first, to=0, by=make.user(), now=make.NOON)
    versions.publish(run.campaign, by=make.user(), now=make.NOON)

    text = words(client.get(url(run)))

    assert "At once: the step in which they wait is gone from version 3" in text
    assert "Not met 1. Wait 1 day (stands before the place where they go on)" in text


def test_says_who_cannot_be_moved_and_why(client: Client, run: Run) -> None:
    first = run.campaign.steps.all()[0]
    editor.move_step(first, to=3, by=make.user(), now=make.NOON)
    versions.publish(run.campaign, by=make.user(), now=make.NOON)

    page = client.get(url(run))

    assert "They cannot be moved and go on as before." in words(page)
    assert "They had “4. Send “First” to Offers” already" in words(page)
    assert "Move 3 people" not in words(page)


def test_says_that_edits_which_are_not_published_do_not_count(client: Client, run: Run) -> None:
    make.step(run.campaign, make.wait(9))

    assert "The draft has edits that are not in version 2." in words(client.get(url(run)))


def test_says_of_which_list_vibes_is_asked_first(client: Client, run: Run) -> None:
    news = make.vibes_list("News")
    make.step(run.campaign, make.send(make.approved_message("N", name="N"), news))
    versions.publish(run.campaign, by=make.user(), now=make.NOON)

    text = words(client.get(url(run)))

    assert "News is a list that the run did not need so far." in text
    assert "3 numbers have to be asked about." in text


def test_there_is_nothing_to_move_out_of_the_newest_version(client: Client, run: Run) -> None:
    newest = FlowVersion.objects.get(number=2)

    assert client.get(reverse("campaigns:move-waiting", args=[newest.pk])).status_code == 404


# --- What it does ---------------------------------------------------------------------------------


def test_moves_them_says_so_and_keeps_it(client: Client, run: Run, rung: list[str]) -> None:
    response = post(client, run)

    sentence = "3 people who were waiting went from version 1 to version 2."
    assert (response.status_code, said(response), rung) == (302, [sentence], ["tick"])
    assert Cohort.objects.get().version == FlowVersion.objects.get(number=2)
    for name in ("results", "history"):
        page = client.get(reverse(f"campaigns:{name}", args=[run.campaign_id]))
        assert sentence in words(page)
    flow = client.get(reverse("campaigns:flow", args=[run.campaign_id]))
    assert "are inside version 1" not in words(flow)


def test_many_have_to_be_typed(client: Client, run: Run) -> None:
    launch.CONFIRM_ABOVE.set(2)

    refused, done = post(client, run), post(client, run, typed="3")

    assert (refused.status_code, done.status_code) == (422, 302)
    assert "Type the number of people: 3." in words(refused)


def test_what_has_changed_meanwhile_is_shown_again(client: Client, run: Run) -> None:
    sent = shown(client.get(url(run)))
    make.step(run.campaign, make.wait(9))
    versions.publish(run.campaign, by=make.user(), now=make.NOON)

    response = client.post(url(run), sent)

    assert response.status_code == 422
    assert "has changed meanwhile. Look at it again, then move them." in words(response)
    assert Cohort.objects.get().version is None
    assert client.post(url(run), shown(response)).status_code == 302


def test_what_changes_in_the_last_moment_is_shown_again(
    client: Client, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(*_: Any, **__: Any) -> None:
        Cohort.objects.update(attempts=1)
        raise moving.SeenAnotherWay

    monkeypatch.setattr(moving, "move", changed)

    response = post(client, run)

    assert response.status_code == 422
    assert "3 people are being taken on at this moment" in words(response)


def test_who_comes_second_reads_that_nobody_waits_there(client: Client, run: Run) -> None:
    sent = shown(client.get(url(run)))
    post(client, run)

    response = client.post(url(run), sent)

    assert "Nobody who could be moved is waiting inside version 1 any more." in words(response)


def test_nothing_is_moved_to_what_cannot_run(client: Client, run: Run) -> None:
    VibesList.objects.update(gone_at=timezone.now())

    page, response = client.get(url(run)), post(client, run)

    assert "cannot run as things stand" in words(page)
    assert (response.status_code, Cohort.objects.get().version) == (422, None)


# --- Results and Members --------------------------------------------------------------------------


def test_results_mark_what_is_gone(client: Client, run: Run) -> None:
    editor.delete_step(run.campaign.steps.all()[0], by=make.user(), now=make.NOON)
    versions.publish(run.campaign, by=make.user(), now=make.NOON)
    post(client, run)

    text = words(client.get(reverse("campaigns:results", args=[run.campaign_id])))

    assert "1. Send “First” to Offers (version 1, no longer in the flow)" in text
    assert "1. Wait 2 days" in text


def test_members_say_where_people_are_in_their_version(client: Client, run: Run) -> None:
    editor.move_step(run.campaign.steps.all()[1], to=3, by=make.user(), now=make.NOON)
    versions.publish(run.campaign, by=make.user(), now=make.NOON)
    members = reverse("campaigns:members", args=[run.campaign_id])
    assert "Waiting in step 2, Wait" in words(client.get(members))

    post(client, run)

    assert "Waiting in step 4, Wait" in words(client.get(members))


def test_members_whose_wait_is_gone_stand_before_what_comes_next(client: Client, run: Run) -> None:
    editor.delete_step(run.campaign.steps.all()[1], by=make.user(), now=make.NOON)
    versions.publish(run.campaign, by=make.user(), now=make.NOON)
    post(client, run)

    members = reverse("campaigns:members", args=[run.campaign_id])

    assert "Before step 2, Change" in words(client.get(members))
    assert Cohort.objects.filter(due_at__lte=timezone.now() + timedelta(seconds=1)).exists()
