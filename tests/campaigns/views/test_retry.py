"""Retry the missed, as it is asked and confirmed on a run's Results."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from campaigns import launch, retrying
from campaigns.models import Run
from tests.campaigns import make
from tests.campaigns.views import runs

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FAILED, UNKNOWN, SKIPPED = "failed:refused-by-vibes", "unknown:answer-lost", "skipped:block-listed"


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.tasks.prepare_run.delay_on_commit", lambda **_: None)


@pytest.fixture
def run() -> Run:
    """Of six, two failed, one is unknown, one was skipped and the others got their text."""
    offers = make.vibes_list()
    campaign = make.ready_campaign()
    first, *_ = make.subscribers(offers, 6, city="Chicago")
    first.block_listed = True
    first.save()
    found = runs.running(campaign)
    runs.settle(found, "rejected", number=2, reason="refused-by-vibes")
    runs.settle(found, "unknown", number=1, reason="answer-lost")
    runs.settle(found)
    launch.finish_runs(now=runs.NOON)
    return found


@pytest.fixture
def daring() -> None:
    """Ada may retry what may have arrived."""
    make.user().user_permissions.add(Permission.objects.get(codename="retry_unknown"))


def url(run: Run) -> str:
    return reverse("campaigns:retry-run", args=[run.pk])


def seen(run: Run, people: int, *verdicts: str, **more: str) -> dict[str, Any]:
    """What the form holds that was drawn for so many people."""
    step = run.campaign.steps.get().pk
    token = retrying.token(run)
    return {"token": token, "people": people, "step": step, "verdict": list(verdicts), **more}


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def said(response: Any) -> list[str]:
    return [str(each) for each in get_messages(response.wsgi_request)]


def test_begins_with_what_failed_and_shows_what_would_come_of_it(client: Client, run: Run) -> None:
    response = client.get(url(run), headers=HTMX)

    ticked = [each["value"] for each in response.context["lines"] if each["is_ticked"]]
    assert ticked == [FAILED]
    assert "<b>2</b> people" in words(response)
    assert "<b>2</b> texts now" in words(response)
    assert "Retry for 2 people" in words(response)


def test_counts_anew_what_is_ticked_and_who_would_be_skipped_again(
    client: Client, run: Run
) -> None:
    step = run.campaign.steps.get().pk

    response = client.get(url(run), {"step": str(step), "verdict": SKIPPED}, headers=HTMX)

    forecast = response.context["forecast"]
    assert (forecast.qualified, forecast.texts) == (1, 0)
    assert dict(forecast.steps[0].reasons) == {"block-listed": 1}


def test_starts_a_run_that_is_linked_both_ways(client: Client, run: Run) -> None:
    response = client.post(url(run), seen(run, 2, FAILED), headers=HTMX)

    retry = run.retries.get()
    assert response["HX-Redirect"].endswith(f"?run={retry.pk}")
    assert said(response) == ["Retrying. The first run stays as it was."]
    there = words(client.get(response["HX-Redirect"]))
    assert f'?run={run.pk}">run of June 1, 2026, 5 p.m.</a> for those who missed it.' in there
    here = words(client.get(reverse("campaigns:results", args=[run.campaign_id]), {"run": run.pk}))
    assert f"?run={retry.pk}" in here


def test_the_same_form_posted_again_shows_the_same_retry(client: Client, run: Run) -> None:
    form = seen(run, 2, FAILED)

    first, again = (client.post(url(run), form) for _ in range(2))

    assert first["Location"] == again["Location"]
    assert (said(again)[-1], run.retries.count()) == ("This retry had been started already.", 1)


def test_what_may_have_arrived_is_not_for_everybody(client: Client, run: Run) -> None:
    response = client.get(url(run), headers=HTMX)

    assert UNKNOWN not in [each["value"] for each in response.context["lines"]]
    assert "only be retried by whoever may take that risk" in words(response)
    client.post(url(run), seen(run, 3, FAILED, UNKNOWN, why="Dared"))
    assert not run.retries.exists()


def test_and_takes_a_typed_reason(client: Client, run: Run, daring: None) -> None:
    refused = client.post(url(run), seen(run, 3, FAILED, UNKNOWN, why=" "), headers=HTMX)

    assert refused.status_code == 422
    assert "Say why: these texts may have arrived already." in words(refused)
    client.post(url(run), seen(run, 3, FAILED, UNKNOWN, why="They say nothing came"))
    assert run.retries.get().retry_reason == "They say nothing came"


@pytest.mark.parametrize(
    ("people", "verdicts", "complaint"),
    [
        (0, [], "nobody is chosen"),
        (5, [FAILED], "The number of people has changed meanwhile. It is 2 now."),
    ],
)
def test_only_what_was_seen_is_started(
    client: Client, run: Run, people: int, verdicts: list[str], complaint: str
) -> None:
    response = client.post(url(run), seen(run, people, *verdicts), headers=HTMX)

    assert (response.status_code, run.retries.count()) == (422, 0)
    assert complaint in words(response)


@pytest.mark.parametrize(("typed", "started"), [("", 0), ("3", 0), (" 2 ", 1)])
def test_many_people_need_their_number_typed(
    client: Client, run: Run, typed: str, started: int
) -> None:
    launch.CONFIRM_ABOVE.set(1)

    client.post(url(run), seen(run, 2, FAILED, typed=typed))

    assert run.retries.count() == started


def test_says_when_nobody_is_left(client: Client, run: Run) -> None:
    run.verdicts.all().update(state="done")

    assert "Nobody is left to retry" in words(client.get(url(run)))
