"""Restored work waits (P7): a database that is not where it was sends nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from tests.vibes import make
from tests.vibes.make import NOON
from vibes import connection as connecting
from vibes import delivery, heartbeats, lock, witness
from vibes.client import Client, Locked
from vibes.lock import Why
from vibes.models import Account, Heartbeat, Instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_machine(settings: Settings, tmp_path: Path) -> None:
    """From here on we are on another disk."""
    settings.INSTANCE_DIR = tmp_path / "elsewhere"


def beat_of_a_member(seconds: int = 0) -> None:
    make.heart(now=NOON + timedelta(seconds=seconds))


def test_a_new_database_belongs_to_whoever_looks_first() -> None:
    Instance.objects.all().delete()

    assert lock.why() is None
    assert witness.knows(Instance.objects.get().token)


def test_to_look_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert not lock.is_on()


def test_on_another_disk_it_is_locked(other_machine: None) -> None:
    assert lock.why() == Why.ELSEWHERE


def test_another_database_with_the_same_rows_is_a_copy() -> None:
    Instance.objects.update(mark="7/00000001/1/2")

    assert lock.why() == Why.COPIED


def test_an_older_state_on_the_same_disk_is_locked_for_every_machine(
    settings: Settings, tmp_path: Path
) -> None:
    dumped = Instance.objects.get()
    lock.advance()
    dumped.save()  # the dump is put back

    assert lock.why() == Why.OLDER
    settings.INSTANCE_DIR = tmp_path
    witness.remember(dumped.token, 1)  # a machine that was away, and has not seen what was lost
    assert lock.why() == Why.OLDER


def test_who_begins_to_send_while_another_looks_locks_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lock.advance()
    remembered = witness.epoch

    def begun_meanwhile(token: str) -> int:
        lock.advance()
        return remembered(token)

    monkeypatch.setattr(witness, "epoch", begun_meanwhile)

    assert lock.why() is None
    assert Instance.objects.get().locked_at is None


def test_what_was_dumped_before_the_last_text_is_older(account: Account) -> None:
    dumped = Instance.objects.get()
    delivery.deliver(account.pk, clock=lambda: NOON)
    dumped.save()

    assert lock.why() == Why.OLDER


def test_a_file_nobody_can_read_is_no_proof(settings: Settings) -> None:
    (Path(settings.INSTANCE_DIR) / Instance.objects.get().token).write_text("")

    assert lock.why() == Why.ELSEWHERE


def test_the_environment_may_say_where_a_machine_belongs(
    settings: Settings, other_machine: None
) -> None:
    settings.INSTANCE_TOKEN = Instance.objects.get().token

    assert lock.why() is None


def test_a_machine_joins_where_another_is_at_work(other_machine: None) -> None:
    beat_of_a_member()
    assert lock.why() == Why.ELSEWHERE  # a copy holds old beats too

    beat_of_a_member(seconds=15)

    assert lock.why() is None
    heartbeats.look_anew()
    assert lock.why() is None, "it belongs here now, whoever lives"


def test_nobody_joins_for_the_sake_of_a_stranger(other_machine: None) -> None:
    beat_of_a_member()
    lock.why()
    beat_of_a_member(seconds=15)
    Heartbeat.objects.update(is_member=False)

    assert lock.why() == Why.ELSEWHERE


def test_nobody_joins_a_copy() -> None:
    beat_of_a_member()
    lock.why()
    beat_of_a_member(seconds=15)
    Instance.objects.update(mark="another")

    assert lock.why() == Why.COPIED


def test_a_failover_locks_unless_it_is_trusted(settings: Settings) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("there is one SQLite")
    cluster, _, *rest = Instance.objects.get().mark.split("/")
    Instance.objects.update(mark="/".join([cluster, "00000009", *rest]))

    assert lock.why() == Why.COPIED
    settings.TRUST_FAILOVER = True
    assert lock.why() is None


@pytest.mark.postgres
def test_a_database_that_may_forget_sends_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")

    assert lock.why() == Why.NOT_DURABLE


def test_no_call_leaves_a_locked_database(account: Account, other_machine: None) -> None:
    with Client(account, slots=1) as client, pytest.raises(Locked, match="Nothing is sent"):
        client.lists()


def test_a_call_we_did_not_make_says_nothing_about_vibes(
    account: Account, other_machine: None
) -> None:
    Account.objects.update(health=Account.Health.CONNECTED)
    account.refresh_from_db()

    assert not connecting.test(account, now=NOON)
    account.refresh_from_db()
    assert account.health == Account.Health.CONNECTED
    assert "Locked" in account.health_detail


def test_bound_anew_it_may_send_and_what_it_was_copied_from_too() -> None:
    original = Instance.objects.get()
    Instance.objects.update(mark="another")

    lock.rebind()

    assert lock.why() is None
    assert witness.knows(original.token)
    assert Instance.objects.get().token != original.token


def test_the_last_epoch_stays_whoever_writes_an_earlier_one_later() -> None:
    token = Instance.objects.get().token
    witness.remember(token, 7)
    witness.remember(token, 6)

    assert witness.epoch(token) == 7
