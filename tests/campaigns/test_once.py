"""Once per intention: however many press at once, in however many tabs, there is one run."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns import control, launch
from campaigns.models import Campaign, FlowVersion, Intervention, Run
from tests.campaigns import make
from tests.campaigns.views import runs
from tests.people.make import people

AT_ONCE = 50
STARTED = "Running. What was drafted is published as version 1."
ALREADY = "This run had been started already."
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.tasks.prepare_run.delay_on_commit", lambda **_: None)


@pytest.fixture
def campaign() -> Campaign:
    campaign = make.ready_campaign()
    people(3, city="Chicago")
    return campaign


def together(deed: Callable[[], Any], number: int) -> list[Any]:
    """Do something so many times at once, each in a thread and on a connection of its own."""
    ready = threading.Barrier(number)

    def once(_: int) -> Any:
        try:
            ready.wait()
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(once, range(number)))


def client(user: User) -> Client:
    found = Client(headers={"host": "localhost"})
    found.force_login(user)
    return found


def heard(response: Any) -> tuple[int, str, str]:
    said = [str(each) for each in get_messages(response.wsgi_request)]
    return response.status_code, response.headers.get("Location", ""), " ".join(said)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("many_connections")
def test_fifty_posts_at_once_are_one_run_and_forty_nine_friendly_answers(
    campaign: Campaign,
) -> None:
    address = reverse("campaigns:run", args=[campaign.pk])
    form = {"token": launch.start_token(campaign), "revision": campaign.revision, "people": 3}
    waiting = [client(make.user()) for _ in range(AT_ONCE)]

    answers = together(lambda: heard(waiting.pop().post(address, form)), AT_ONCE)

    run = Run.objects.get()
    there = f"{reverse('campaigns:results', args=[campaign.pk])}?run={run.pk}"
    assert Counter(answers) == {(302, there, STARTED): 1, (302, there, ALREADY): AT_ONCE - 1}
    assert FlowVersion.objects.count() == 1


def test_a_caller_that_tries_again_gets_the_run_it_began(campaign: Campaign) -> None:
    def call() -> tuple[Run, bool]:
        return launch.begin(campaign, token="order-4711", by=make.user(), now=runs.NOON)

    first, again = call(), call()

    assert (again[0], first[1], again[1]) == (first[0], True, False)


def test_of_many_who_press_pause_one_acts_and_all_read_the_same(campaign: Campaign) -> None:
    run = runs.running(campaign)

    done = together(lambda: control.pause(run.pk, by=None, now=runs.NOON), 8)

    assert Counter(each.acted for each in done) == {True: 1, False: 7}
    assert len({each.standing for each in done}) == 1
    assert Intervention.objects.count() == 1
