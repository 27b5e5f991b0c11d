"""What may stand against somebody, where it says why, and that something has said it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Exists, OuterRef

from people import keyed
from people.models import ImportJob, ImportTrace

WHY = {
    "block_listed": "block_listed_reason",
    "marketing_suspended": "marketing_suspended_reason",
    "unsubscribed": "unsubscribed_reason",
    "email_invalid": "",
    "do_not_call": "",
}
"""Each restriction, and the field of its reason ('' for none)."""


def said_again(said: Mapping[str, Collection[int]], *, by_import: int = 0) -> None:
    """Of each restriction, who has it already and was given it anew: no line of history tells that.

    An import that set it may still be undone. It is no longer the only one to say so: its trace lets go
    of the value. Call it while the people are locked. No statement where nothing was said, else two and more.
    """
    told = {name: people for name, people in said.items() if people}
    if not told:
        return
    kept = ImportTrace.objects.filter(job=OuterRef("pk"))
    jobs = list(
        ImportJob.objects.filter(Exists(kept)).exclude(pk=by_import).values_list("pk", flat=True)
    )
    for name, people in told.items():
        traces = ImportTrace.objects.filter(job__in=jobs, person_id__among=people)
        traces.filter(after__has_key=name).update(after=keyed.Drop("after", name))
