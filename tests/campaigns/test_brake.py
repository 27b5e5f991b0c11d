"""The one switch: nothing leaves for anybody, and whoever lets go of it hears what became late."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import brake, control, late
from campaigns.models import Intervention, Run
from tests.campaigns import make
from tests.campaigns.views import runs
from vibes import delivery, pausing
from vibes.models import Account, OutboxRow

pytestmark = pytest.mark.django_db
NOON = runs.NOON
LATER = NOON + timedelta(hours=2)
WHY = {"why": "Carrier incident"}


@pytest.fixture
def run() -> Run:
    offers = make.vibes_list()
    campaign = make.ready_campaign()
    make.subscribers(offers, 3, city="Chicago")
    return runs.running(campaign)


@pytest.fixture
def operator() -> Client:
    """Ada, who may."""
    make.user().user_permissions.add(Permission.objects.get(codename="control_any_run"))
    client = Client(headers={"host": "localhost"})
    client.force_login(make.user())
    return client


def claim(now: Any) -> list[OutboxRow]:
    return delivery.claim(Account.objects.get(), actions=["text"], limit=9, now=now)


def pause() -> brake.Braked:
    return brake.pause(by=make.user(), why="Carrier incident", now=NOON)


def said(response: Any) -> list[str]:
    return [str(each) for each in get_messages(response.wsgi_request)]


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_nothing_is_permitted_and_the_figures_are_those_of_all_runs(run: Run) -> None:
    other = runs.running(run.campaign)
    runs.settle(other, number=2)
    claimed = claim(NOON)

    done = pause()

    assert (done.acted, done.standing.went, done.standing.held) == (True, 2, 4)
    assert delivery.permit(claimed, now=NOON) == []


def test_the_second_who_presses_changes_nothing(run: Run) -> None:
    pause()

    again = brake.pause(by=make.user("ben"), why="Me too", now=LATER)

    assert (again.acted, pausing.paused()["by"]) == (False, "ada")
    assert Intervention.objects.get().reason == "Carrier incident"


def test_nothing_is_late_after_a_short_pause(run: Run) -> None:
    pause()

    assert brake.late(now=NOON + timedelta(minutes=5)) == []


def test_lists_the_runs_whose_texts_became_late(run: Run) -> None:
    alone = runs.running(run.campaign)
    control.pause(alone.pk, by=None, now=NOON)  # stays paused, so nothing of it is asked about
    pause()

    assert [(each.run, each.texts) for each in brake.late(now=LATER)] == [(run, 3)]


@pytest.mark.parametrize(("cancel", "left", "cancelled"), [(False, 3, 0), (True, 0, 3)])
def test_sends_what_is_late_or_cancels_it(
    run: Run, cancel: bool, left: int, cancelled: int
) -> None:
    pause()

    done = brake.resume(cancel_late=cancel, by=make.user(), now=LATER)

    assert (done.cancelled, done.standing.held, len(claim(LATER))) == (cancelled, left, left)
    assert not pausing.paused()
    assert [each.deed for each in Intervention.objects.all()] == ["resume", "pause"]


def test_what_is_too_much_for_a_click_is_cancelled_first_and_then_everything_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "AT_ONCE", 2)
    pause()

    done = brake.resume(cancel_late=True, by=make.user(), now=LATER)

    assert (done.acted, done.cancelled, bool(pausing.paused())) == (True, 3, True)
    assert not brake.resume(cancel_late=False, by=make.user(), now=LATER).acted
    assert brake.let_go(clock=lambda: LATER)
    assert (pausing.paused(), claim(LATER)) == ({}, [])
    assert run.verdicts.filter(state="cancelled").count() == 3


def test_who_pauses_meanwhile_ends_that_and_is_asked_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "AT_ONCE", 2)
    pause()
    brake.resume(cancel_late=True, by=make.user(), now=LATER)

    assert brake.pause(by=make.user("ben"), why="Not yet", now=LATER).acted

    assert pausing.late_before() is None
    assert [each.texts for each in brake.late(now=LATER)] == [3]


def test_what_was_queued_late_in_the_pause_is_not_late(run: Run) -> None:
    pause()
    OutboxRow.objects.update(queued_at=LATER)

    assert brake.resume(cancel_late=True, by=make.user(), now=LATER).cancelled == 0


def test_a_run_paused_meanwhile_has_stood_still_for_as_long_as_everything(run: Run) -> None:
    pause()
    control.pause(run.pk, by=None, now=LATER)

    brake.resume(cancel_late=False, by=make.user(), now=LATER)

    held = Run.objects.get(pk=run.pk)
    assert late.of(held, now=LATER).texts == 3


# --- On the pages ---------------------------------------------------------------------------------


def test_everybody_reads_who_paused_everything_and_why(operator: Client, run: Run) -> None:
    response = operator.post(reverse("campaigns:pause-everything"), WHY)

    assert said(response) == ["Everything is paused: 0 have gone, 3 are held, 0 are in flight."]
    home = words(operator.get("/"))
    assert "Everything is paused by ada since" in home
    assert "“Carrier incident”. Nothing leaves." in home
    assert "Resume everything…" in home


def test_a_reason_has_to_be_given(operator: Client, run: Run) -> None:
    response = operator.post(reverse("campaigns:pause-everything"), {"why": " "})

    assert (response.status_code, pausing.paused()) == (422, {})


def test_resuming_asks_what_to_do_with_what_is_late(operator: Client, run: Run) -> None:
    brake.pause(by=make.user("ben"), why="A storm", now=timezone.now() - timedelta(hours=2))

    asked = operator.get(reverse("campaigns:resume-everything"))
    refused = operator.post(reverse("campaigns:resume-everything"))

    assert "3 texts became late because of that" in words(asked)
    assert (refused.status_code, pausing.paused()["by"]) == (422, "ben")
    done = operator.post(reverse("campaigns:resume-everything"), {"late": "cancel"})
    assert said(done) == [
        "Everything goes on: 3 texts were cancelled; 0 have gone, 0 are held, 0 are in flight."
    ]


def test_whoever_comes_second_reads_who_was_first(operator: Client, run: Run) -> None:
    brake.pause(by=make.user("ben"), why="A storm", now=NOON)

    response = operator.post(reverse("campaigns:pause-everything"), WHY)

    assert said(response)[0].startswith("ben had paused it already, June 1, 2026, 5 p.m.:")


@pytest.mark.parametrize("name", ["pause-everything", "resume-everything"])
def test_not_everybody_may(client: Client, run: Run, name: str) -> None:
    client.force_login(make.user("ben"))

    assert client.get(reverse(f"campaigns:{name}")).status_code == 403
    assert client.post(reverse(f"campaigns:{name}"), WHY).status_code == 403
    assert "Pause everything" not in words(client.get("/"))
