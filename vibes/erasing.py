"""Forget people at this side of Vibes: words go, numbers become pseudonyms, opt-outs stay with these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db.models import Q

from people.following import Erasure
from vibes.models import Callback, ConsentEntry, Drift, Number, OutboxRow, Stop, Subscription

State = Subscription.State
# What a person once said no to, or may not be asked again.
NO = (State.UNSUBSCRIBED, State.DECLINED)
_DIGITS = re.compile(r"\d{8,15}")
_ERASED = "{}"


def erase(erasure: Erasure) -> set[str]:
    """Forget them; give the numbers of which a STOP, a no or evidence is kept under the pseudonym.

    A fixed number of statements, some for each number, and one look through the callbacks.
    """
    rows = Number.objects.filter(mobile__among=erasure.numbers).order_by("mobile")
    keys = [each.person_key for each in rows.select_for_update() if each.person_key]
    OutboxRow.objects.filter(person__in=erasure.people).update(text="", detail="")
    kept = {mobile for mobile, word in erasure.numbers.items() if _rename(mobile, word)}
    Number.objects.filter(mobile__among=erasure.numbers).delete()
    _empty_callbacks(erasure.numbers, keys)
    return kept


def _rename(mobile: str, word: str) -> bool:
    """Its pseudonym in place of the number, everywhere; whether that means anything later."""
    OutboxRow.objects.filter(mobile=mobile).update(mobile=word)
    Drift.objects.filter(mobile=mobile).update(mobile=word)
    memberships = Subscription.objects.filter(mobile=mobile)
    said_no = memberships.filter(Q(state__in=NO) | Q(left_at__isnull=False))
    # A former holder's, kept when that one was erased: what was said since counts.
    former = Subscription.objects.filter(mobile=word)
    former.filter(vibes_list__in=list(said_no.values_list("vibes_list", flat=True))).delete()
    remembered = said_no.update(mobile=word)
    Subscription.objects.filter(mobile=mobile).delete()
    Stop.objects.filter(mobile=word, account__in=_stopped(mobile)).delete()
    remembered += Stop.objects.filter(mobile=mobile).update(mobile=word)
    return bool(remembered + ConsentEntry.objects.filter(mobile=mobile).rename(word))


def _stopped(mobile: str) -> list[int]:
    return list(Stop.objects.filter(mobile=mobile).values_list("account", flat=True))


def _empty_callbacks(numbers: Iterable[str], keys: Sequence[str]) -> None:
    """The bodies of callbacks that name one of these numbers, or Vibes' key of whoever had it."""
    wanted = {each.removeprefix("+") for each in numbers}
    wanted |= {each[1:] for each in wanted if each.startswith("1")}  # as some bodies write them
    if not wanted:
        return
    applied = Callback.objects.exclude(applied_at=None).exclude(body=_ERASED)
    found = [
        pk
        for pk, body in applied.values_list("pk", "body").iterator(chunk_size=2_000)
        if wanted.intersection(_DIGITS.findall(body)) or any(key in body for key in keys)
    ]
    Callback.objects.filter(pk__among=found).update(body=_ERASED)
