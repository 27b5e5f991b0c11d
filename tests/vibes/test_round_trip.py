"""The product, the simulator and what passes between them, as real processes over real sockets."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.contract import files
from tests.vibes import make
from tests.vibes.make import ANA
from tests.vibes.pretend import Simulator
from vibes import callbacks, connection, intake
from vibes.client import Client
from vibes.models import Account, Callback, Subscription

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(simulator: Simulator, live_server: LiveServer, settings: Settings) -> Account:
    """A service whose callbacks come here."""
    settings.PUBLIC_URL = live_server.url
    simulator.put("settings", {"callback_allow": [live_server.url]})
    account = make.account(base_url=simulator.url)
    assert connection.sync(account, now=timezone.now()), account.health_detail
    return account


def apply_what_came(simulator: Simulator) -> list[str]:
    """Wait for the callbacks and apply them; returns their kinds. Each fits the contract."""
    simulator.settle()
    waiting = list(callbacks.to_apply())
    for each in waiting:
        files.check_callback(intake.parse(each.body))
        callbacks.apply(each.pk, timezone.now() + timedelta(seconds=1))
    return sorted(each.kind for each in waiting)


def states() -> dict[str, str]:
    rows = Subscription.objects.select_related("vibes_list")
    return {row.vibes_list.name: row.state for row in rows}


def test_a_yes_makes_a_member_and_stop_ends_it(account: Account, simulator: Simulator) -> None:
    with Client(account) as client:
        client.add_participant("Kwnl5OL3", ANA)
    assert apply_what_came(simulator) == ["company_participant_added"]
    assert states() == {"Offers": "pending"}

    simulator.texts(ANA, "Y")
    assert apply_what_came(simulator) == ["company_participant_changed", "subscription_added"]
    assert states() == {"Offers": "subscribed"}

    simulator.post("clock/advance", {"seconds": 5})
    simulator.texts(ANA, "STOP")
    assert "subscription_removed" in apply_what_came(simulator)
    assert states() == {"Offers": "unsubscribed"}


def test_a_no_is_a_no(account: Account, simulator: Simulator) -> None:
    with Client(account) as client:
        client.add_participant("Kwnl5OL3", ANA)
    simulator.post("clock/advance", {"seconds": 5})
    simulator.texts(ANA, "N")

    apply_what_came(simulator)

    assert states() == {"Offers": "declined"}


def test_the_test_callback_makes_the_whole_way(account: Account, simulator: Simulator) -> None:
    with Client(account) as client:
        event_id = client.send_test_callback("subscription_added")

    assert apply_what_came(simulator) == ["subscription_added"]
    assert Callback.objects.filter(event_id=event_id).exists()
    assert states() == {}


def test_doubled_and_late_callbacks_end_the_same(account: Account, simulator: Simulator) -> None:
    simulator.post(
        "faults",
        {"match": {"callback_type": "*"}, "when": {}, "action": {"type": "duplicate", "times": 2}},
    )
    with Client(account) as client:
        client.add_participant("Sngl0pt1", ANA)

    apply_what_came(simulator)

    assert states() == {"Service alerts": "subscribed"}
    assert Callback.objects.count() == Callback.objects.values("event_id").distinct().count()
