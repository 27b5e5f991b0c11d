"""Pause, resume and stop as they are pressed on Results."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import control
from campaigns.models import Run
from tests.campaigns import make
from tests.campaigns.views import runs

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs for whose preparing the bell was rung."""
    heard: list[int] = []
    monkeypatch.setattr(
        "campaigns.tasks.prepare_run.delay_on_commit", lambda *, run_id: heard.append(run_id)
    )
    monkeypatch.setattr("campaigns.tasks.tick.delay_on_commit", lambda: None)
    return heard


@pytest.fixture
def run() -> Run:
    """Three texts are owed; Ada started it."""
    offers = make.vibes_list()
    campaign = make.ready_campaign()
    make.subscribers(offers, 3, city="Chicago")
    return runs.running(campaign)


def url(run: Run, deed: str) -> str:
    return reverse(f"campaigns:{deed}-run", args=[run.pk])


def post(client: Client, run: Run, deed: str, **data: str) -> Any:
    return client.post(url(run, deed), data, headers=HTMX)


def said(response: Any) -> list[str]:
    return [str(each) for each in get_messages(response.wsgi_request)]


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def pause(run: Run, *, hours: int = 0) -> None:
    control.pause(run.pk, by=make.user(), now=timezone.now() - timedelta(hours=hours))


@pytest.mark.parametrize(
    ("deed", "question"),
    [("pause", "Pause this run?"), ("stop", "Stop this run?"), ("resume", "Resume this run?")],
)
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_asks_with_the_figures_before_it_acts(
    client: Client, run: Run, deed: str, question: str, headers: dict[str, str]
) -> None:
    if deed == "resume":
        pause(run)
    before = Run.objects.get().state

    asked = words(client.get(url(run, deed), headers=headers))

    assert question in asked
    assert "<b>0</b> gone · <b>3</b> not left yet · <b>0</b> in flight" in asked
    assert Run.objects.get().state == before


def test_a_pause_draws_the_run_anew_and_closes_the_dialog(client: Client, run: Run) -> None:
    runs.settle(run, number=1)

    response = post(client, run, "pause", why="The price is wrong")

    assert said(response) == ["Paused: 1 has gone, 2 are held, 0 are in flight."]
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#live", "outerHTML")
    assert "close-dialog" in response["HX-Trigger"]
    assert "Resume…" in words(response)
    assert "Paused by ada: “The price is wrong”" in words(response)


def test_works_without_script(client: Client, run: Run) -> None:
    response = client.post(url(run, "pause"))

    assert response["Location"].endswith(f"?run={run.pk}")
    assert Run.objects.get().is_paused


def test_whoever_comes_second_reads_who_was_first(client: Client, run: Run) -> None:
    control.pause(run.pk, by=make.user("ben"), now=runs.NOON)

    response = post(client, run, "pause")

    assert said(response) == [
        "ben had paused it already, June 1, 2026, 5 p.m.: 0 have gone, 3 are held, 0 are in flight."
    ]


def test_a_run_that_ended_by_itself_says_so(client: Client, run: Run) -> None:
    Run.objects.update(state=Run.State.FINISHED, finished_at=runs.NOON)

    assert said(post(client, run, "stop"))[0].startswith("This run was over already:")


def test_resumes_at_once_where_nothing_is_late(client: Client, run: Run, rung: list[int]) -> None:
    pause(run)

    response = post(client, run, "resume")

    assert said(response) == ["Resumed: 0 have gone, 3 are held, 0 are in flight."]
    assert (Run.objects.get().state, rung) == (Run.State.RUNNING, [run.pk])


def test_asks_what_to_do_with_what_became_late(client: Client, run: Run) -> None:
    pause(run, hours=2)

    response = post(client, run, "resume")

    assert response.status_code == 422
    assert "this became late: <b>3</b> texts." in words(response)
    assert "Choose what to do with what became late." in words(response)
    assert Run.objects.get().is_paused


@pytest.mark.parametrize(
    ("late", "result"),
    [
        ("send", "Resumed: 0 have gone, 3 are held, 0 are in flight."),
        ("cancel", "Resumed: 3 texts were cancelled; 0 have gone, 0 are held, 0 are in flight."),
    ],
)
def test_says_what_became_of_it(client: Client, run: Run, late: str, result: str) -> None:
    pause(run, hours=2)

    assert said(post(client, run, "resume", late=late)) == [result]


def test_a_stop_says_what_it_saved_and_lets_the_table_look_again(client: Client, run: Run) -> None:
    runs.settle(run, number=1)

    response = post(client, run, "stop", why="Wrong list")

    assert said(response) == [
        "Stopped: 2 texts were cancelled; 1 has gone, 0 are held, 0 are in flight."
    ]
    assert "run-over" in response["HX-Trigger"]
    assert "Stopped by ada: “Wrong list”" in words(response)


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["pause", "resume", "stop", "retry"])
def test_the_run_of_somebody_else_needs_the_permission_for_all(
    client: Client, run: Run, deed: str
) -> None:
    Run.objects.update(started_by=make.user("ben"))
    results = reverse("campaigns:results", args=[run.campaign_id])
    assert client.get(url(run, deed)).status_code == 403
    assert client.post(url(run, deed)).status_code == 403
    assert "Stop…" not in words(client.get(results))

    make.user().user_permissions.add(Permission.objects.get(codename="control_any_run"))

    assert client.get(url(run, deed)).status_code == 200
    assert "Stop…" in words(client.get(results))
