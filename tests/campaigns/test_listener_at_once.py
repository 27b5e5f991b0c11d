"""Many who request, answer, stop and deactivate at once: nobody enters twice, everybody is accounted for."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from campaigns import activating, control, listener, runner
from campaigns.models import Campaign, Entry, Request, Run, Verdict
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.views.runs import running
from tests.people.make import people, static_list

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("many_connections"),
]
PEOPLE, RUNS, LISTENERS = 12, 4, 4


def at_once(*deeds: Callable[[], object]) -> None:
    """Do all of these in threads with connections of their own, begun together."""
    ready = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> None:
        ready.wait()
        try:
            with suppress(OperationalError):  # a deadlock: the tick comes again
                deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(do, deeds))


def listen(campaign: Campaign) -> None:
    while listener.listen(campaign.pk, clock=lambda: NOON):
        pass


def finish(campaign: Campaign) -> None:
    Run.objects.update(lease_until=None)
    listen(campaign)
    for cohort in runner.due(now=NOON):
        runner.advance(cohort, now=NOON)


@pytest.fixture
def welcome() -> Campaign:
    people(PEOPLE, city="Chicago")
    return make.requestable(steps=[make.add_to(static_list("News"))])


def asked(welcome: Campaign) -> list[Run]:
    """So many runs whose people have all requested it, and nobody answered."""
    filters, steps = [make.in_city()], [make.request(welcome)]
    return [
        running(make.campaign(f"Asking {number}", filters=filters, steps=steps))
        for number in range(RUNS)
    ]


def test_each_person_enters_once_however_many_listen(welcome: Campaign) -> None:
    inside, runs = make.active(welcome), asked(welcome)

    at_once(*[partial(listen, welcome)] * LISTENERS)
    finish(welcome)

    inside.refresh_from_db()
    assert (inside.entered, inside.entries.count()) == (PEOPLE, PEOPLE)
    states = list(Verdict.objects.filter(run__in=runs).values_list("state", flat=True))
    assert (states.count("done"), states.count("skipped")) == (PEOPLE, (RUNS - 1) * PEOPLE)


def test_activated_by_many_it_is_active_once(welcome: Campaign) -> None:
    at_once(*[partial(activating.activate, welcome, by=None, now=NOON)] * LISTENERS)

    assert Run.objects.active().count() == 1


@pytest.mark.parametrize("_seed", range(3))
def test_stopped_and_deactivated_meanwhile_everybody_has_one_final_word(
    welcome: Campaign, _seed: int
) -> None:
    inside, runs = make.active(welcome), asked(welcome)
    deeds: list[Callable[[], object]] = [
        *[partial(listen, welcome)] * LISTENERS,
        *[partial(control.stop, run.pk, by=None, now=NOON) for run in runs[:2]],
        partial(activating.deactivate, inside.pk, by=None, now=NOON),
    ]
    random.shuffle(deeds)

    at_once(*deeds)
    finish(welcome)

    assert not Request.objects.waiting().exists()
    assert not Verdict.objects.open().exists()
    entered = Request.objects.filter(state=Request.State.ENTERED).count()
    assert Entry.objects.filter(run=inside).count() == entered
    assert Verdict.objects.filter(run__in=runs, state="done").count() == entered
