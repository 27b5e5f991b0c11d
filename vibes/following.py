"""What becomes of the outbox and of numbers when people are merged or erased (settings.PERSON_FOLLOWERS).

The queue follows the number: what is owed to a number stays owed to it, whoever it belongs to now. Where a
number is erased, its pseudonym stands in its place (`people.pseudonym`), so that everything still adds up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.translation import ngettext

from people.following import Erasure, Follower, Merge
from vibes import erasing, spoken
from vibes import numbers as vibes_numbers
from vibes.models import ConsentEntry, OutboxRange, OutboxRow, Stop, Subscription

Action = OutboxRow.Action
LATE_ANSWER = timedelta(hours=1)  # until then whoever sent it may still write down what it was


class AtVibes(Follower):
    """Ranges are locked, so that no permission is given while people change hands."""

    moves = ("vibes.OutboxRow",)

    def held(self, people: Sequence[int]) -> set[int]:
        rows = OutboxRow.objects.filter(person__in=people).open()
        return set(rows.values_list("range", flat=True))

    def lock(self, people: Sequence[int]) -> set[int]:
        wanted = self.held(people)
        rows = OutboxRange.objects.filter(pk__in=wanted).order_by("pk").select_for_update()
        return set(rows.values_list("pk", flat=True))

    def look(self, people: Sequence[int]) -> list[str]:
        waiting = OutboxRow.objects.filter(person__in=people).waiting().count()
        said = ngettext(
            "%(n)d call to Vibes still waits. It goes to the number it was queued for.",
            "%(n)d calls to Vibes still wait. They go to the numbers they were queued for.",
            waiting,
        )
        return [said % {"n": waiting}] if waiting else []

    def merge(self, merge: Merge) -> None:
        """All but the opt-ins that were asked for under the old id: Vibes may still name it (`vibes.who`)."""
        asked = Q(action=Action.SUBSCRIBE, sending_at__isnull=False)
        rows = OutboxRow.objects.filter(~asked, person__in=merge.others).order_by("pk")
        ids = list(rows.select_for_update().values_list("pk", flat=True))
        OutboxRow.objects.filter(pk__among=ids).update(person=merge.survivor)

    def busy(self, people: Sequence[int], now: datetime) -> set[int]:
        """Whoever sends holds the words in memory until the answer is written down; Vibes may have said no."""
        unknown = Q(state=OutboxRow.State.UNKNOWN, sending_at__gt=now - LATE_ANSWER)
        rows = OutboxRow.objects.filter(
            unknown | Q(state=OutboxRow.State.SENDING), person__in=people
        )
        return set(rows.values_list("person", flat=True)) | spoken.unheard(people, now)

    def numbers(self, people: Sequence[int]) -> set[str]:
        rows = OutboxRow.objects.filter(person__in=people, mobile__startswith="+")
        return set(rows.order_by().values_list("mobile", flat=True).distinct())

    def in_use(self, numbers: Collection[str], people: Sequence[int]) -> set[str]:
        """What is owed to a number goes there, though whoever it is owed to has another one by now."""
        rows = OutboxRow.objects.filter(mobile__among=numbers).open().exclude(person__in=people)
        return set(rows.order_by().values_list("mobile", flat=True))

    def erase(self, erasure: Erasure) -> set[str]:
        return erasing.erase(erasure)

    def come_back(self, numbers: Mapping[str, str], now: datetime) -> None:
        """STOPs, opt-outs and the evidence for them are the number's again, unless newer ones are."""
        vibes_numbers.lock_all(numbers.values())
        for word, mobile in numbers.items():
            newer = Stop.objects.filter(mobile=mobile).values("account")
            Stop.objects.filter(mobile=word, account__in=newer).delete()
            Stop.objects.filter(mobile=word).update(mobile=mobile)
            known = Subscription.objects.filter(mobile=mobile).values("vibes_list")
            Subscription.objects.filter(mobile=word).exclude(vibes_list__in=known).update(
                mobile=mobile
            )
            ConsentEntry.objects.filter(mobile=word).rename(mobile)


def hand_on(rows: Collection[OutboxRow]) -> set[int]:
    """Which of these opt-ins, asked for under an id that was merged since, are the survivor's from now on.

    Only while the number is still that of the old id, since that is where Vibes' word of it leads
    (`vibes.who`). The rows are locked, and not on the wire.
    """
    asked = OutboxRow.objects.filter(pk__in=[row.pk for row in rows], action=Action.SUBSCRIBE)
    merged = asked.filter(person__merged_into__isnull=False, person__mobile=F("mobile"))
    heirs = dict(merged.values_list("pk", "person__merged_into"))
    for pk, survivor in heirs.items():
        OutboxRow.objects.filter(pk=pk).update(person=survivor)
    return {*heirs}


AT_VIBES = AtVibes()
