"""Why nothing is sent: every reason, said once, in the words of the strip."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from config import schema
from config.context import Frame
from config.processes import PROMPT
from config.reasons import Code
from tests.vibes import make
from vibes import pausing
from vibes.heartbeats import Trouble
from vibes.models import Account, Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def at_work() -> None:
    for role in ("worker", "beat"):
        make.heart(role)


def said(ada: Client) -> list[tuple[str, str]]:
    frame: Frame = ada.get("/search/").context["frame"]
    return [(each.code, each.words) for each in frame.reasons]


def codes(ada: Client) -> list[str]:
    return [code for code, _ in said(ada)]


def test_without_a_worker_nothing_will_send(ada: Client) -> None:
    assert said(ada) == [(Code.NO_WORKER, "No worker is at work: nothing will send.")]


def test_a_worker_that_fell_silent_is_said_with_the_time(ada: Client, at_work: None) -> None:
    Heartbeat.objects.filter(role="worker").update(seen_at=timezone.now() - timedelta(minutes=4))

    words = "No worker has checked in for 4\N{NO-BREAK SPACE}minutes: nothing will send."
    assert said(ada) == [(Code.NO_WORKER, words)]


def test_without_a_clock_all_is_still_sent(ada: Client) -> None:
    make.heart("worker")

    page = ada.get("/search/")

    assert [(each.code, each.level) for each in page.context["frame"].reasons] == [
        (Code.NO_CLOCK, "warn")
    ]


@pytest.mark.parametrize(
    ("queues", "words"),
    [
        (
            ["flow", "send", "import", "confirm"],
            "callbacks, ticks: a STOP is not heard, nor any other no.",
        ),
        (["flow", "send", "confirm", *PROMPT], "import: that work waits."),
    ],
)
def test_a_queue_that_nobody_takes_is_said(ada: Client, queues: list[str], words: str) -> None:
    make.heart("worker", queues=queues)
    make.heart("beat")

    assert said(ada) == [(Code.NO_EAR, f"No worker takes the queue {words}")]


@pytest.mark.parametrize(
    ("trouble", "code"), [(Trouble.BROKER, Code.BROKER), (Trouble.STORAGE, Code.STORAGE)]
)
def test_what_a_process_misses_is_said_for_it(
    ada: Client, at_work: None, trouble: str, code: str
) -> None:
    make.heart("web", troubles=[trouble])

    assert codes(ada) == [code]


def test_a_locked_database_is_said_first(ada: Client, settings: Settings, tmp_path: Path) -> None:
    settings.INSTANCE_DIR = tmp_path

    assert codes(ada) == [Code.LOCKED, Code.NO_WORKER]


def test_who_paused_everything_is_named(ada: Client, at_work: None) -> None:
    noon = timezone.now().replace(hour=12, minute=2)
    pausing.hold_switch(by="Ben", now=noon)

    assert said(ada) == [(Code.PAUSED, "Paused by Ben at 12:02 p.m.: nothing is sent.")]


def test_a_service_that_rests_goes_on_by_itself(ada: Client, at_work: None) -> None:
    account = make.account(health=Account.Health.CONNECTED)
    Account.objects.filter(pk=account.pk).update(
        resting_until=timezone.now() + timedelta(seconds=30)
    )

    assert codes(ada) == [Code.RESTING]


@pytest.mark.parametrize(("number", "what"), [(9999, "start the new version"), (0, "migrate")])
def test_a_database_of_another_version_is_said(
    ada: Client, at_work: None, number: int, what: str
) -> None:
    ours = MigrationRecorder.Migration.objects.filter(app="vibes")
    if number:
        MigrationRecorder.Migration.objects.create(app="vibes", name=f"{number}_of_tomorrow")
    else:
        ours.filter(name__gte="0002").delete()

    assert codes(ada) == [Code.SCHEMA]
    assert what in schema.trouble()


def test_to_know_all_of_it_costs_a_fixed_number_of_queries(
    ada: Client, at_work: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make.account(name=f"Service {number}", health=Account.Health.CONNECTED)
    frame = Frame(ada.get("/search/").wsgi_request)

    with django_assert_num_queries(8):
        assert frame.reasons == []


def test_the_pill_says_that_nothing_is_sent_and_leads_to_why(ada: Client) -> None:
    health = ada.get("/search/").context["frame"].health

    assert (health.level, health.words, health.url) == ("bad", "Not sending", "/operations/")
