from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.vibes import make, owing
from tests.vibes.make import NOON
from tests.vibes.owing import states
from tests.vibes.pretend import Simulator
from vibes import connection, delivery, expiry, holding, senders, sweeps
from vibes.client import Client, Retryable
from vibes.models import Account, AcquisitionCampaign, OutboxRow, Sweep, VibesList

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def offers(account: Account, simulator: Simulator) -> VibesList:
    made = make.vibes_list(account)
    simulator.members("1234", make.ANA, make.BEN)
    with Client(account) as client:
        return senders.ensure_sender(made, client, NOON)


def revoke(simulator: Simulator) -> None:
    simulator.fault("status", status=401, path="*")


def restore(simulator: Simulator) -> None:
    simulator.delete("faults")


def calls(simulator: Simulator) -> int:
    return len(simulator.requests())


def held_for(account: Account, now: datetime) -> int | None:
    """Seconds until the next try."""
    account.refresh_from_db()
    return round((account.held_until - now).total_seconds()) if account.held_until else None


def test_a_refused_login_holds_the_account_at_once(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owing.texts(offers, make.ANA, make.BEN)
    revoke(simulator)

    assert owing.deliver(account) is False

    assert held_for(account, NOON) == 60
    assert account.health == Account.Health.REFUSED
    assert states() == {make.ANA: ("ready", ""), make.BEN: ("ready", "")}
    assert set(OutboxRow.objects.values_list("attempts", flat=True)) == {0}


@pytest.mark.parametrize(
    ("owe", "left"),
    [
        (owing.texts, ("unknown", "answer-lost")),
        (owing.ends, ("ready", "")),
    ],
)
def test_whoever_sends_us_elsewhere_gets_one_call_and_the_account_is_held(
    account: Account,
    offers: VibesList,
    simulator: Simulator,
    owe: Callable[..., object],
    left: tuple[str, str],
) -> None:
    owe(offers, make.ANA, make.BEN)
    simulator.fault("status", status=302, headers={"Location": "/_sim/"}, path="*")

    owing.deliver(account)

    assert held_for(account, NOON) == 60
    assert account.health == Account.Health.AWAY
    assert states() == {make.ANA: left, make.BEN: ("ready", "")}


def test_a_sync_that_is_sent_elsewhere_holds_the_account(
    account: Account, simulator: Simulator
) -> None:
    simulator.fault("status", status=302, headers={"Location": "/_sim/"}, path="*")

    connection.sync(account, now=NOON)

    assert held_for(account, NOON) == 60
    assert account.health == Account.Health.AWAY


def test_time_alone_opens_nothing(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owing.texts(offers, make.ANA)
    holding.hold(account, "no", now=NOON)
    before = calls(simulator)

    later = NOON + timedelta(hours=1)
    owing.deliver(account, later)

    assert (states()[make.ANA], calls(simulator)) == (("ready", ""), before)
    assert delivery.accounts_with_work(now=later) == []


def test_one_try_a_time_and_ever_more_seldom(account: Account, simulator: Simulator) -> None:
    revoke(simulator)
    holding.hold(account, "no", now=NOON)
    pauses, now = [], NOON
    for _ in range(6):
        now += timedelta(seconds=held_for(account, now) or 0)
        connection.probe(now=now)
        connection.probe(now=now)
        pauses.append(held_for(account, now))

    assert pauses == [120, 240, 480, 600, 600, 600]
    assert calls(simulator) == 6


def test_no_try_before_its_time(account: Account, simulator: Simulator) -> None:
    holding.hold(account, "no", now=NOON)

    connection.probe(now=NOON + 59 * SECOND)

    assert calls(simulator) == 0


def test_a_try_that_goes_well_sends_what_waited_once(
    account: Account, offers: VibesList, simulator: Simulator
) -> None:
    owing.texts(offers, make.ANA, make.BEN)
    revoke(simulator)
    owing.deliver(account)
    restore(simulator)

    connection.probe(now=NOON + MINUTE)
    owing.deliver(account, NOON + MINUTE)

    assert held_for(account, NOON) is None
    assert account.health == Account.Health.CONNECTED
    assert sorted(each["mdn"] for each in simulator.ledger()) == [make.ANA, make.BEN]


def test_a_service_that_is_away_stays_held(account: Account) -> None:
    Account.objects.update(base_url="http://127.0.0.1:9")
    holding.hold(account, "no", now=NOON)

    connection.probe(now=NOON + MINUTE)

    assert held_for(account, NOON + MINUTE) == 120


def test_somebody_who_tries_by_hand_ends_the_hold(account: Account, simulator: Simulator) -> None:
    holding.hold(account, "no", now=NOON)

    assert connection.test(account, now=NOON + SECOND)

    assert held_for(account, NOON) is None


def test_what_fails_for_another_reason_does_not_end_a_hold(account: Account) -> None:
    seen_before = Account.objects.get()
    holding.hold(account, "no", now=NOON)
    Account.objects.update(base_url="http://127.0.0.1:9")

    connection.test(Account.objects.get(), now=NOON)
    connection.note(seen_before, Retryable("away"), now=NOON)

    assert held_for(account, NOON) == 60


def test_any_refused_login_holds(account: Account, simulator: Simulator) -> None:
    revoke(simulator)

    assert not connection.sync(account, now=NOON)

    assert held_for(account, NOON) == 60


def test_nothing_else_is_asked_while_it_is_held(
    account: Account, offers: VibesList, offers_by_web: AcquisitionCampaign
) -> None:
    overdue = {"state": "pending", "expires_at": NOON - MINUTE}
    make.subscription(offers, make.EVE, acquisition_campaign=offers_by_web, **overdue)
    Sweep.objects.create(account=account, started_at=NOON)
    assert expiry.accounts_with_overdue(NOON) == [account.pk]
    assert sweeps.to_continue(NOON).exists()

    holding.hold(account, "no", now=NOON)

    assert expiry.accounts_with_overdue(NOON) == []
    assert not sweeps.to_continue(NOON).exists()
    assert not connection.due_for_sync(NOON + timedelta(days=1)).exists()
