"""Questions that stop by themselves, and when they are asked anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic, sleep
from zlib import crc32

import pytest
from django.db import OperationalError, connection, transaction

from people import patience
from people.models import Person
from people.patience import LOCKS, STOPPING
from tests.people import make

pytestmark = pytest.mark.django_db
SLOW = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000000)"
    " SELECT COUNT(*) FROM n"
)


def ask_slowly() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)" if connection.vendor == "postgresql" else SLOW)


def test_a_question_stops_when_its_time_is_over_and_the_next_has_its_own() -> None:
    began = monotonic()

    with pytest.raises(patience.TookTooLong), patience.at_most(0.1):
        ask_slowly()

    assert monotonic() - began < 5
    make.person()
    assert Person.objects.count() == 1


def test_what_is_answered_in_time_is_answered() -> None:
    make.person()

    with patience.at_most(5, name="ada"):
        assert Person.objects.count() == 1


def test_another_error_stays_what_it_is() -> None:
    with pytest.raises(OperationalError, match="broken"), patience.at_most(5):
        raise OperationalError("broken")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["ada:3", "ben:3"])
def test_asked_anew_the_older_question_stops_and_no_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_newest", {})  # what an earlier test asked is not being asked
    ended: list[tuple[str, float]] = []

    def older() -> None:
        began = monotonic()
        try:
            with patience.at_most(3, name="ada:3"):
                ask_slowly()
        except patience.TookTooLong as stopped:
            ended.append((type(stopped).__name__, monotonic() - began))
        finally:
            connection.close()

    thread = threading.Thread(target=older)
    thread.start()
    _until(lambda: _is_asking("ada:3"))
    with patience.at_most(5, name=name):
        Person.objects.count()
    thread.join(20)

    ((what, seconds),) = ended
    assert what == ("AskedAnew" if name == "ada:3" else "TookTooLong")
    assert (seconds < 2.7) == (name == "ada:3")


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no stop on its way")
@pytest.mark.django_db(transaction=True)
def test_a_stop_that_comes_late_does_not_hit_what_is_done_next() -> None:
    key, done = crc32(b"ada:3") & 0x7FFFFFFF, list[str]()
    asking, answered = threading.Event(), threading.Event()

    def older() -> None:
        try:
            with patience.at_most(5, name="ada:3"):
                asking.set()
                answered.wait(10)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(1)")
            done.append("the next")
        finally:
            connection.close()

    thread = threading.Thread(target=older)
    thread.start()
    asking.wait(10)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [STOPPING, key])
        cursor.execute("SELECT pid FROM pg_locks WHERE classid = %s AND objid = %s", [LOCKS, key])
        [(pid,)] = cursor.fetchall()
        answered.set()  # and now, between seeing who asks and stopping them, they are through
        sleep(0.4)
        cursor.execute("SELECT pg_cancel_backend(%s)", [pid])
    thread.join(20)

    assert done == ["the next"]


@pytest.mark.django_db(transaction=True)
def test_within_a_longer_transaction_a_question_is_over_when_it_is_answered() -> None:
    with transaction.atomic():
        with patience.at_most(5, name="ada:3"):
            Person.objects.count()
        assert not _holds_locks()
        make.person()

    assert Person.objects.count() == 1


def _holds_locks() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_locks WHERE classid IN (%s, %s) AND pid = pg_backend_pid()",
            [LOCKS, STOPPING],
        )
        return bool(cursor.fetchone()[0])


def _is_asking(name: str) -> bool:
    if connection.vendor != "postgresql":
        return name in patience._newest
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.classid = %s AND a.query LIKE 'SELECT pg_sleep%%'"
            " AND a.datname = current_database()",  # others may run this test on this server
            [patience.LOCKS],
        )
        return bool(cursor.fetchone()[0])


def _until(true: Callable[[], bool]) -> None:
    ends = monotonic() + 10
    while not true():
        assert monotonic() < ends
        sleep(0.02)
