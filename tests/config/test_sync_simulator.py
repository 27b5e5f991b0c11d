# ruff: noqa: F401, F811  # fixtures of another package are imported by name
"""What the demo tells its simulator at each start, and what it leaves alone."""

from __future__ import annotations

import os

import pytest
from django.core.management import call_command

from config.demo_world.in_step import Controls, Told, bring
from tests.vibes import make
from tests.vibes.conftest import (
    account,
    offers,
    simulator,
    simulator_process,
)
from tests.vibes.make import ANA, BEN, EVE
from tests.vibes.pretend import TOKEN, Simulator
from vibes.models import Account, Number, Subscription, VibesList

pytestmark = pytest.mark.django_db
State = Subscription.State


@pytest.fixture
def controls(monkeypatch: pytest.MonkeyPatch, account: Account) -> Controls:
    monkeypatch.setitem(os.environ, "SIM_TOKEN", TOKEN)
    return Controls(account.base_url)


def standing(controls: Controls) -> dict[str, str]:
    found = controls.get("memberships")["memberships"]
    return {each["mdn"]: each["state"] for each in found}


def test_brings_over_how_each_number_stands(
    account: Account,
    offers: VibesList,
    controls: Controls,
) -> None:
    make.subscription(offers, ANA, state=State.SUBSCRIBED)
    make.subscription(offers, BEN, state=State.PENDING)
    make.subscription(offers, EVE, state=State.NEVER)
    Number.objects.create(mobile=EVE, line=Number.Line.LANDLINE)

    told = bring(account, controls)

    assert told == Told(handsets=3, memberships=2)
    assert standing(controls) == {ANA: "subscribed", BEN: "pending"}
    assert controls.get(f"handsets/{EVE}")["line_type"] == "landline"


def test_leaves_alone_whoever_the_simulator_has_met(
    account: Account,
    offers: VibesList,
    controls: Controls,
    simulator: Simulator,
) -> None:
    make.subscription(offers, ANA, state=State.SUBSCRIBED)
    bring(account, controls)
    simulator.texts(ANA, "STOP")

    again = bring(account, controls)

    assert again == Told(handsets=0, memberships=0)
    assert standing(controls) == {ANA: "unsubscribed"}


def test_follows_a_simulator_that_moved_and_connects(
    account: Account,
    offers: VibesList,
    controls: Controls,
) -> None:
    url, account.base_url = account.base_url, "http://127.0.0.1:9"
    account.save()

    call_command("sync_simulator", simulator_url=url)

    account.refresh_from_db()
    offers.refresh_from_db()
    assert (account.base_url, account.health) == (url, Account.Health.CONNECTED)
    assert offers.event_type != ""


def test_says_so_where_no_simulator_answers(capsys: pytest.CaptureFixture[str]) -> None:
    make.account()

    call_command("sync_simulator", simulator_url="http://127.0.0.1:9")

    assert "No simulator at http://127.0.0.1:9" in capsys.readouterr().err
