"""What we know of a number, whoever holds it: locked, and changed in one way only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from people import activity
from people.activity import Happening, Kind
from people.models import Person
from vibes import consent
from vibes.consent import Cause
from vibes.models import Number, Stop

Line = Number.Line
NOT_MOBILE = activity.register(
    Kind("number_not_mobile", "Number Not Mobile", "Vibes says that the number takes no texts")
)
DISCONNECTED = activity.register(
    Kind("number_disconnected", "Number Disconnected", "The number was disconnected")
)
INVALID = activity.register(
    Kind("number_invalid", "Number Invalid", "Vibes does not take the number")
)
USABLE = activity.register(
    Kind("number_usable", "Number Usable Again", "Somebody opted in with the number")
)
HISTORY = {
    Line.LANDLINE: NOT_MOBILE,
    Line.DISCONNECTED: DISCONNECTED,
    Line.INVALID: INVALID,
    Line.UNKNOWN: USABLE,
}
BARRED = frozenset({Line.LANDLINE, Line.DISCONNECTED, Line.INVALID})


def lock(mobile: str) -> Number:
    """The row of a number, made if it is missing, locked until the transaction ends."""
    Number.objects.bulk_create([Number(mobile=mobile)], ignore_conflicts=True)
    return Number.objects.select_for_update().get(mobile=mobile)


def lock_all(mobiles: Iterable[str]) -> dict[str, Number]:
    """The same for many, in the order in which everybody locks them."""
    wanted = sorted(set(mobiles))
    missing = [Number(mobile=each) for each in wanted]
    Number.objects.bulk_create(missing, ignore_conflicts=True, batch_size=500)
    rows = Number.objects.filter(mobile__among=wanted).order_by("mobile")
    return {number.mobile: number for number in rows.select_for_update()}


def remember_keys(numbers: Mapping[str, Number], keys: Mapping[str, str]) -> None:
    """Keep Vibes' key of whoever holds each of these locked numbers there.

    Some callbacks name only the key.
    """
    told = {mobile: key[:80] for mobile, key in keys.items() if key}
    changed = [numbers[each] for each, key in told.items() if numbers[each].person_key != key]
    for number in changed:
        number.person_key = told[number.mobile]
    Number.objects.bulk_update(changed, ["person_key"])


def stopped_at(mobile: str, account_id: int) -> datetime | None:
    """When STOP last ended everything under this service's code; other services have their own."""
    return stops([mobile], account_id).get(mobile)


def stops(mobiles: Iterable[str], account_id: int) -> dict[str, datetime]:
    """The same for many numbers of one service, in one query; who never texted STOP is missing."""
    rows = Stop.objects.filter(account_id=account_id, mobile__in=list(mobiles))
    return dict(rows.values_list("mobile", "stopped_at"))


def keep_stop(mobile: str, account_id: int, at: datetime) -> None:
    """Keep a STOP at this service, unless a newer one is kept. The caller has locked the number."""
    newest = max(at, stopped_at(mobile, account_id) or at)
    Stop.objects.update_or_create(
        mobile=mobile, account_id=account_id, defaults={"stopped_at": newest}
    )


def set_line(
    mobile: str,
    line: str,
    *,
    source: str,
    told_at: datetime,
    now: datetime,
    cause: Cause | None = None,
) -> bool:
    """Keep what became known of a number, with a row of the ledger and a line of everybody's history.

    `source` is how we know (`vibes.consent`), `told_at` since when, by Vibes' clock where it told
    us, `cause` what led to it. Says whether it was news.
    """
    with transaction.atomic():
        number = lock(mobile)
        was, number.line, number.changed_at = number.line, line, now
        if was == line:
            return False
        number.save(update_fields=["line", "changed_at"])
        consent.keep_line(number, was=was, source=source, told_at=told_at, now=now, cause=cause)
        _write_history(number, source=source, now=now, cause=cause or {})
    return True


def _write_history(number: Number, *, source: str, now: datetime, cause: Cause) -> None:
    kind = HISTORY.get(Line(number.line))
    if kind is None:
        return
    holders = Person.objects.present().filter(mobile=number.mobile).values_list("pk", flat=True)
    ids = of_a_run(cause)
    activity.record(kind, [Happening(pk, {"source": source}, **ids) for pk in holders], at=now)


def of_a_run(cause: Cause) -> dict[str, int | None]:
    """What of a cause a line of history keeps: campaign, run and step."""
    return {name: cause.get(name) for name in ("campaign_id", "run_id", "step_id")}
