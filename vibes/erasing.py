"""Forget people at this side of Vibes: words go, numbers become pseudonyms, opt-outs stay with these."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from people.following import Erasure
from vibes import spoken
from vibes.models import ConsentEntry, Drift, Number, OutboxRow, Stop, Subscription, Sweep

State = Subscription.State
# What a person once said no to, or may not be asked again.
NO = (State.UNSUBSCRIBED, State.DECLINED)


def erase(erasure: Erasure) -> set[str]:
    """Forget them; give the numbers of which a STOP, a no or evidence is kept under the pseudonym.

    A fixed number of statements, some for each number, and one look through the callbacks.
    """
    rows = Number.objects.filter(mobile__among=erasure.numbers).order_by("mobile")
    list(rows.select_for_update())
    keys = spoken.keys_of(list(erasure.numbers))
    OutboxRow.objects.filter(person__in=erasure.people).update(text="", detail="")
    kept = {mobile for mobile, word in erasure.numbers.items() if _rename(mobile, word)}
    Number.objects.filter(mobile__among=erasure.numbers).delete()
    _step_back(erasure.numbers)
    return kept | spoken.let_go(keys, erasure.numbers, erasure.now)


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


def _step_back(numbers: Iterable[str]) -> None:
    """The place of a sweep is a number: one that goes on asks some again, one that has ended needs none."""
    for sweep in Sweep.objects.filter(position__among=numbers):
        place = sweep.position[:-4] if sweep.state == Sweep.State.RUNNING else ""
        Sweep.objects.filter(pk=sweep.pk, position=sweep.position).update(position=place)
