"""When a sync is due, who takes it up, and what remains wanted after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from tests.vibes import make
from tests.vibes.make import NOON
from tests.vibes.pretend import Simulator
from vibes import connection, rate, senders, tasks
from vibes.client import Client
from vibes.models import Account, VibesList

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def wish(account: Account, at: datetime) -> None:
    connection.want_sync(Account.objects.filter(pk=account.pk), now=at)


def is_due(at: datetime) -> bool:
    return connection.due_for_sync(at).exists()


@pytest.fixture
def rested(account: Account) -> Account:
    """Synced some minutes before noon."""
    Account.objects.update(synced_at=NOON - 10 * MINUTE, checked_at=NOON - 10 * MINUTE)
    account.refresh_from_db()
    return account


def test_is_due_every_hour_and_after_a_failure_every_five_minutes(rested: Account) -> None:
    assert not is_due(NOON)
    assert is_due(NOON + 51 * MINUTE)

    Account.objects.update(checked_at=NOON + 51 * MINUTE)
    assert not is_due(NOON + 52 * MINUTE)
    assert is_due(NOON + 57 * MINUTE)


def test_a_wish_is_due_at_once_but_not_twice_a_minute(rested: Account) -> None:
    wish(rested, NOON)
    assert is_due(NOON + SECOND)

    Account.objects.update(checked_at=NOON + 2 * SECOND)
    wish(rested, NOON + 3 * SECOND)
    assert not is_due(NOON + 4 * SECOND)
    assert is_due(NOON + 2 * MINUTE)


def test_two_messages_about_one_wish_are_one_sync(rested: Account) -> None:
    wish(rested, NOON)

    assert connection.begin_sync(rested, now=NOON + SECOND)
    assert not connection.begin_sync(rested, now=NOON + 2 * SECOND)
    assert not connection.begin_sync(rested, now=NOON + 4 * MINUTE)  # it may take long
    assert connection.begin_sync(rested, now=NOON + 7 * MINUTE)  # whoever began it died


def test_a_sync_takes_each_of_its_calls_out_of_the_rate(
    account: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, take = list[int](), rate.take

    def counted(*of: Any) -> int:
        taken.append(take(*of))
        return taken[-1]

    monkeypatch.setattr(rate, "take", counted)

    assert connection.sync(account, now=NOON)

    assert sum(taken) == len(simulator.requests()) > 10


def test_a_sync_that_is_over_may_be_followed_by_another(rested: Account) -> None:
    connection.begin_sync(rested, now=NOON)
    connection.sync(rested, now=NOON)

    wish(rested, NOON + SECOND)
    assert connection.begin_sync(rested, now=NOON + 2 * SECOND)


def test_a_sender_is_made_alone_however_long_ago_the_sync_began(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes, create = iter(range(0, 100, 3)), Client.create_sender
    monkeypatch.setattr(connection, "monotonic", lambda: 60 * next(minutes))

    def meanwhile(client: Client, **about: Any) -> Any:
        monkeypatch.setattr(Client, "create_sender", create)
        with pytest.raises(senders.BeingMade):
            senders.ensure_sender(VibesList.objects.earliest("pk"), client, NOON + 3 * MINUTE)
        return create(client, **about)

    monkeypatch.setattr(Client, "create_sender", meanwhile)

    assert connection.sync(account, now=NOON)


def test_the_tick_finds_a_wish_whose_message_was_lost(
    rested: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, rung = timezone.now(), list[Any]()
    Account.objects.update(synced_at=now)
    monkeypatch.setattr(tasks.sync_account, "apply_async", lambda **sent: rung.append(sent))

    tasks.tick()
    assert rung == []
    wish(rested, now)
    tasks.tick()
    assert [each["kwargs"] for each in rung] == [{"account_id": rested.pk}]


def test_a_sync_serves_the_wishes_before_it_and_no_later_one(account: Account) -> None:
    wish(account, NOON)
    connection.sync(account, now=NOON + SECOND)
    account.refresh_from_db()
    assert account.sync_wanted_at is None

    wish(account, NOON + 2 * MINUTE)
    connection.sync(account, now=NOON + MINUTE)
    account.refresh_from_db()
    assert account.sync_wanted_at == NOON + 2 * MINUTE


def test_a_wish_survives_an_outage_and_no_refusal(account: Account, simulator: Simulator) -> None:
    simulator.fault("status", status=500, path="subscription_lists", count=1)
    wish(account, NOON)
    connection.sync(account, now=NOON + SECOND)
    account.refresh_from_db()
    assert (account.health, account.sync_wanted_at) == (Account.Health.AWAY, NOON + SECOND)

    account.password = "wrong"
    connection.sync(account, now=NOON + MINUTE)
    account.refresh_from_db()
    assert (account.health, account.sync_wanted_at) == (Account.Health.REFUSED, None)


def test_the_scheduler_asks_for_a_sync_of_all_when_it_starts(rested: Account) -> None:
    tasks.sync_at_start()

    rested.refresh_from_db()
    assert rested.sync_wanted_at is not None


def test_a_sender_in_doubt_keeps_no_other_list_from_its_own(
    account: Account, client_of_vibes: Client
) -> None:
    offers = make.vibes_list(account)
    for name in ("One", "Two"):
        client_of_vibes.create_sender(
            name=name, event_type=senders.event_type(offers), list_id="1234", starts=NOON.date()
        )

    assert connection.sync(account, now=NOON) is False

    kept = {each.name: each for each in VibesList.objects.all()}
    assert "end all but one" in kept["Offers"].sender_fault
    assert kept["Service alerts"].event_type != ""
    account.refresh_from_db()
    assert account.health == Account.Health.CONNECTED
    assert account.registrations["present"]


def test_says_that_it_is_our_own_calls_that_leave_no_room(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "take", lambda *_: 0)
    monkeypatch.setattr(connection, "Client", partial(Client, patience=0))

    assert not connection.test(account, now=NOON)

    assert "other calls use all" in account.health_detail


def test_the_receipts_of_a_new_senders_texts_are_asked_for_soon(
    account: Account, offers: VibesList, client_of_vibes: Client
) -> None:
    senders.ensure_sender(offers, client_of_vibes, NOON)
    assert is_due(NOON)

    connection.sync(account, now=NOON)
    assert not is_due(NOON + MINUTE)
