"""Numbers that stay barred after their person was erased, and are known again when they come back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import connection

from people import following, pseudonym
from people.models import Suppression

Reason = Suppression.Reason
LOCK = "people.suppression"


def keep(
    barred: Mapping[str, str],
    words: Mapping[str, str],
    *,
    shared: Collection[str] = (),
    now: datetime,
) -> None:
    """Remember why these numbers were barred ('' for not here), each under its word.

    A number that was barred before stays so. `shared` are numbers that others still have: a bar that
    counts already goes on for these, a new one counts when somebody is written with the number. In the
    transaction that erases whoever had it.
    """
    known = {
        row.key: row
        for row in Suppression.objects.filter(key__among={words[each] for each in barred})
    }
    for mobile, reason in barred.items():
        row = known.get(words[mobile]) or Suppression(key=words[mobile])
        if not (mobile in shared and row.mobile and row.reason):
            row.mobile, row.kept_at, row.came_back_at = None, now, None
        row.reason = row.reason or reason
        row.save()


def recognise(mobiles: Iterable[str], *, now: datetime) -> None:
    """People with these numbers have just been written: what was remembered of them counts again.

    One query, two on PostgreSQL, where nothing is remembered. In the transaction that wrote them.
    """
    wait_for_erasures(share=True)
    if not Suppression.objects.filter(mobile=None).exists():
        return
    numbers = {word: mobile for mobile, word in pseudonym.of_all(set(mobiles)).items()}
    gone = Suppression.objects.filter(mobile=None, key__among=numbers).order_by("key")
    back = list(gone.select_for_update())
    for row in back:
        row.mobile, row.came_back_at = numbers[row.key], now
    Suppression.objects.bulk_update(back, ["mobile", "came_back_at"], batch_size=500)
    found = {row.key: numbers[row.key] for row in back}
    for follower in following.everybody() if found else []:
        follower.come_back(found, now)


def wait_for_erasures(*, share: bool) -> None:
    """Whoever erases a number and whoever writes it see each other: one waits for the other.

    SQLite lets one writer in at a time anyway.
    """
    if connection.vendor != "postgresql":
        return
    kind = "_shared" if share else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{kind}(hashtext(%s))", [LOCK])
