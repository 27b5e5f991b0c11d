"""What Vibes told us of people, when they are erased: waited for, applied or not, then let go of.

A body names somebody by number or by Vibes' key. What could not be applied for a day is let go of too,
but a no among it holds: as a STOP of everything, the strictest that it can have meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from people.models import Person
from vibes import intake
from vibes.models import Callback, Number, OutboxRow, Stop

WAITED_FOR = timedelta(days=1)
LET_GO = "let go of with somebody who was erased"
ERASED = "{}"
_DIGITS = re.compile(r"\d{8,15}")


def unheard(people: Sequence[int], now: datetime) -> set[int]:
    """Of whom something was told lately that is not applied yet. One query where nothing waits."""
    waiting = Callback.objects.filter(applied_at=None, received_at__gt=now - WAITED_FOR)
    if not waiting.exists():
        return set()
    rows = set(Person.objects.filter(pk__in=people).with_mobile().values_list("pk", "mobile"))
    texted = OutboxRow.objects.filter(person__in=people, mobile__startswith="+").order_by()
    rows |= set(texted.values_list("person", "mobile").distinct())
    told = _told(waiting, keys_of([mobile for _pk, mobile in rows]))
    named = {mobile for each in told.values() for mobile in each}
    return {pk for pk, mobile in rows if mobile in named}


def keys_of(mobiles: Sequence[str]) -> dict[str, str]:
    """Vibes' key of whoever has each number; '' where it is not known."""
    known = Number.objects.filter(mobile__among=mobiles).values_list("mobile", "person_key")
    return dict.fromkeys(mobiles, "") | dict(known)


def let_go(keys: Mapping[str, str], words: Mapping[str, str], now: datetime) -> set[str]:
    """Empty every body that names one of these numbers; of which of them a no is kept, under its word."""
    if not keys:
        return set()
    waiting = Callback.objects.filter(applied_at=None)
    told = _told(waiting.filter(intake.IS_NO), keys)
    for callback in Callback.objects.filter(pk__among=list(told)):
        for mobile in told[callback.pk]:
            _stop(words[mobile], callback)
    waiting.filter(pk__among=list(_told(waiting, keys))).update(
        body=ERASED, applied_at=now, outcome=LET_GO
    )
    applied = Callback.objects.exclude(applied_at=None).exclude(body=ERASED)
    applied.filter(pk__among=list(_told(applied, keys))).update(body=ERASED)
    return {mobile for each in told.values() for mobile in each}


def _stop(word: str, callback: Callback) -> None:
    at = {"stopped_at": callback.received_at}
    row, _is_new = Stop.objects.get_or_create(
        mobile=word, account_id=callback.account_id, defaults=at
    )
    Stop.objects.filter(pk=row.pk, stopped_at__lt=callback.received_at).update(**at)


def _told(callbacks: QuerySet[Callback], keys: Mapping[str, str]) -> dict[int, set[str]]:
    """Which of these numbers each callback names, by its id; only those that name any."""
    digits = {each.removeprefix("+"): each for each in keys}
    digits |= {spelt[1:]: each for spelt, each in digits.items() if spelt.startswith("1")}
    holders = {key: mobile for mobile, key in keys.items() if key}
    found = dict[int, set[str]]()
    for pk, body in callbacks.values_list("pk", "body").iterator(chunk_size=2_000):
        named = {digits[each] for each in _DIGITS.findall(body) if each in digits}
        named |= {mobile for key, mobile in holders.items() if key in body}
        if named:
            found[pk] = named
    return found
