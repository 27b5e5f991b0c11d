"""People are taken out of a campaign's flow: what they have stays theirs, nothing more happens to them there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from people import activity
from people.activity import Happening, Kind
from vibes.gate import Reason

from .models import Campaign, Cohort, Entry, Run, Verdict

REMOVED = activity.register(
    Kind("removed_from_flow", "Removed from Flow", "Removed from the flow of “{campaign}” by {by}")
)


def remove(
    people: Mapping[int, Iterable[int]], *, but_run: int, by: str, now: datetime
) -> dict[int, int]:
    """Take people (campaign id → person ids) out of every open run of these campaigns; campaign → how many.

    Of `but_run` they are taken by whoever calls. Whoever is through a flow is in it no more. Texts that are
    on their way go. Five statements for each campaign; call it in the transaction of the deed. Entries are
    locked in the order of their ids; a step that is being taken meanwhile is their last.
    """
    return {
        campaign: _remove(campaign, [*who], but_run, by, now) for campaign, who in people.items()
    }


def _remove(campaign: int, people: list[int], but_run: int, by: str, now: datetime) -> int:
    inside = Entry.objects.filter(
        person__among=people, left_at=None, run__campaign=campaign, run__state__in=Run.OPEN
    )
    inside = inside.exclude(cohort__state=Cohort.State.DONE).exclude(run=but_run)
    rows = inside.order_by("pk").select_for_update(of=("self",))
    found = list(rows.values_list("pk", "person_id", "run_id"))
    entries = [pk for pk, _, _ in found]
    Entry.objects.filter(pk__among=entries).update(left_at=now)
    waiting = Verdict.objects.filter(entry__among=entries, state=Verdict.State.WAITING)
    waiting.update(state=Verdict.State.LEFT, reason=Reason.REMOVED, at=now)
    told = {"campaign": str(Campaign.objects.select_related("node").get(pk=campaign)), "by": by}
    lines = [Happening(person, told, campaign_id=campaign, run_id=run) for _, person, run in found]
    return activity.record(REMOVED, lines, at=now)
