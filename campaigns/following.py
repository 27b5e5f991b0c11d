"""What becomes of entries and verdicts when people are merged or erased (settings.PERSON_FOLLOWERS)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people import exporting, keyed
from people.following import Erasure, Follower, Merge
from people.models import Activity
from vibes.gate import Reason

from . import owed
from .models import Cohort, Effect, Entry, Run, Verdict

RESULTS = "run_results"  # the export (`exports`) in which also those are who were deleted
# Who got the text instead, as `visits.same_number` says it, in any language.
HOLDER = re.compile(r"\([^()\d]*(\d+)\)[^()]*$")


class InRuns(Follower):
    """Cohorts are locked, so that no step is taken meanwhile; the ledger's sums stay as they are."""

    moves = ("campaigns.Entry", "campaigns.Verdict")

    def held(self, people: Sequence[int]) -> set[int]:
        entries = Entry.objects.filter(person__in=people, left_at=None, run__state__in=Run.OPEN)
        moving = entries.exclude(cohort__state=Cohort.State.DONE)
        return set(moving.values_list("cohort", flat=True))

    def lock(self, people: Sequence[int]) -> set[int]:
        wanted = self.held(people)
        rows = Cohort.objects.filter(pk__in=wanted).order_by("pk").select_for_update()
        return set(rows.values_list("pk", flat=True))

    def look(self, people: Sequence[int]) -> list[str]:
        twice = len(_twice(people[0], people[1:]))
        said = ngettext(
            "In %(n)d run more than one of them takes part: there the first goes on, and the"
            " others' verdicts stay.",
            "In %(n)d runs more than one of them takes part: there the first goes on, and the"
            " others' verdicts stay.",
            twice,
        )
        return [said % {"n": twice}] if twice else []

    def merge(self, merge: Merge) -> None:
        """One of them goes on in each run; nobody is in it twice. Every verdict stays the person's."""
        entries = Entry.objects.filter(person__in=merge.others)
        ids = list(entries.values_list("pk", flat=True))
        stay = _twice(merge.survivor, merge.others)
        Entry.objects.filter(pk__in=stay, left_at=None).update(left_at=merge.now)
        waiting = Verdict.objects.filter(entry__in=stay, state=Verdict.State.WAITING)
        waiting.update(state=Verdict.State.LEFT, reason=Reason.MERGED, at=merge.now)
        entries.exclude(pk__in=stay).update(person=merge.survivor)
        Verdict.objects.filter(entry__in=ids).update(person=merge.survivor)

    def busy(self, people: Sequence[int], now: datetime) -> set[int]:
        """Of whom somebody outside is being told this moment."""
        telling = Effect.objects.filter(state=Effect.State.SENDING, claimed_until__gte=now)
        mine = telling.filter(entry__person__in=people)
        return set(mine.values_list("entry__person", flat=True))

    def erase(self, erasure: Erasure) -> set[str]:
        """Details may hold names: their own verdicts', and those of whoever shared their number."""
        entries = Entry.objects.filter(person__in=erasure.people)
        owed.forget(entries, now=erasure.now)  # before the details: what is settled now writes one
        mine = Verdict.objects.filter(entry__in=entries.values("pk"))
        mine.exclude(detail="").update(detail="")
        if entries.exists():
            exporting.let_go(until=erasure.now, source=RESULTS)
        gone = {str(pk) for pk in erasure.people}
        told = list(_naming(entries, gone))
        for verdict, words in told:
            Verdict.objects.filter(pk=verdict.pk).update(detail=words)
        _reword_history(told)
        return set()


IN_RUNS = InRuns()


def _twice(survivor: int, others: Sequence[int]) -> list[int]:
    """The entries of the others in runs that the survivor, or one before them, is in already."""
    runs = set(Entry.objects.filter(person=survivor).values_list("run", flat=True))
    twice = []
    rows = Entry.objects.filter(person__in=others).order_by("pk")
    for pk, run in rows.values_list("pk", "run"):
        twice += [pk] if run in runs else []
        runs.add(run)
    return twice


def _naming(entries: QuerySet[Entry], gone: set[str]) -> Iterator[tuple[Verdict, str]]:
    """Verdicts of others that name them as whoever has the number, with the words without the name."""
    shared = Verdict.objects.filter(
        run__in=entries.order_by().values("run").distinct(),
        state=Verdict.State.SKIPPED,
        reason=Reason.SAME_NUMBER,
    )
    for verdict in shared.iterator():
        holder = HOLDER.search(verdict.detail)
        if holder and holder[1] in gone:
            yield verdict, _("(person %(id)s) holds it") % {"id": holder[1]}


def _reword_history(told: Sequence[tuple[Verdict, str]]) -> None:
    label = str(Reason.SAME_NUMBER.label)
    for verdict, words in told:
        lines = Activity.objects.filter(
            person=verdict.person_id, kind="skipped", run_id=verdict.run_id, step_id=verdict.step_id
        )
        lines.update(details=keyed.Put("details", "why", f"{label}: {words}"))
