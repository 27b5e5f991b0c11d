"""Vibes is asked about numbers it was never asked about before whoever was requested enters."""

from datetime import datetime, timedelta

import pytest

from campaigns import asking, listener
from campaigns.models import Campaign, Run
from tests.campaigns import make
from tests.campaigns.make import NOON
from tests.campaigns.test_listener import go_on, verdicts
from tests.campaigns.views.runs import running
from tests.people import make as people
from tests.vibes import make as vibes
from tests.vibes.pretend import Simulator
from vibes import rate
from vibes.models import Account, VibesList

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers(simulator: Simulator) -> VibesList:
    rate.forget()
    return vibes.vibes_list(vibes.account(base_url=simulator.url))


@pytest.fixture
def inside(offers: VibesList) -> Run:
    """The activation of a campaign that texts, which Ana and Ben were requested to enter."""
    for name, mobile in [("Ana", vibes.ANA), ("Ben", vibes.BEN)]:
        people.person(first_name=name, mobile=mobile, city="Chicago")
    welcome = make.requestable(steps=[make.send(make.approved_message(), offers)])
    run = make.active(welcome)
    running(make.campaign("Asking", filters=[make.in_city()], steps=[make.request(welcome)]))
    return run


def clock() -> datetime:
    return NOON


def test_whoever_turns_out_to_be_a_member_is_texted(inside: Run, simulator: Simulator) -> None:
    simulator.members("1234", vibes.ANA)

    go_on()

    assert verdicts(inside) == [("Ana", "queued", ""), ("Ben", "skipped", "never-subscribed")]


def test_while_vibes_is_away_they_wait_and_the_run_says_why(
    inside: Run, simulator: Simulator
) -> None:
    simulator.members("1234", vibes.ANA)
    Account.objects.update(base_url="http://127.0.0.1:9")
    assert not listener.listen(inside.campaign_id, clock=clock)

    inside.refresh_from_db()
    assert asking.waits_for(inside)
    assert inside.entries.count() == 0
    Account.objects.update(base_url=simulator.url, held_until=None)
    go_on()

    assert verdicts(inside)[0] == ("Ana", "queued", "")
    inside.refresh_from_db()
    assert inside.fault == ""


def test_nothing_is_asked_about_numbers_that_are_known(inside: Run, simulator: Simulator) -> None:
    go_on()
    asked = len(simulator.requests())
    Campaign.objects.filter(pk=inside.campaign_id).update(enters=Campaign.Enters.ALWAYS)
    again = make.campaign("Again", filters=[make.in_city()], steps=[make.request(inside.campaign)])
    running(again)

    go_on(NOON + timedelta(hours=1))

    assert inside.entries.count() == 4
    assert len(simulator.requests()) == asked
