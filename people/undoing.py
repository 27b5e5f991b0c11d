"""An import is undone, for a day: who was made by it goes to the recycle bin, what it changed goes back.

Only where nothing happened since: a person to whom something else happened stays, a value that was
changed again, or that a merge settled, stays, and each says so. No restriction is lifted of which anything
else has spoken since. Consent that was recorded stays: history is only added to.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from people import (
    activity,
    blanks,
    bulk,
    editing,
    fields,
    importing,
    lists,
    pieces,
    restrictions,
    suppression,
    trouble,
    upserting,
)
from people.activity import Happening
from people.merging import MERGED
from people.models import Activity, ImportJob, ImportTrace, Person, StaticListMember
from people.tracing import DAY
from people.upserting import Changed

State = ImportJob.State
SLICE = 1_000
SLICES_A_TURN = 20
NUMBER = {"mobile", "mobile_region", "mobile_typed"}  # one value in three columns
_ABOUT_RESTRICTIONS = {*restrictions.WHY, *restrictions.WHY.values()} - {""}
UNDO_IMPORT = activity.register(
    activity.Kind("undo_import", "Undo Import", "Put in the recycle bin by {by}")
)


def may_be(job: ImportJob, *, now: datetime) -> bool:
    """Whether it is not too late, and there is something to undo."""
    ended = job.state in (State.DONE, State.CANCELLED, State.FAILED) and job.stopped_in != "undoing"
    in_time = job.finished_at is not None and now - job.finished_at < DAY
    return ended and in_time and job.traces.exists()


def begin(job: ImportJob, *, now: datetime) -> bool:
    """Let an import be undone; False when that is not possible any more."""
    if not may_be(job, now=now):
        return False
    here = ImportJob.objects.filter(pk=job.pk, state=job.state)
    with transaction.atomic():
        begun = here.update(state=State.UNDOING, undo_position=0, undone={}, error="")
        if begun:  # the file of one that failed was kept for another try
            pieces.forget(job)
            job.keys.all().delete()
    return begun == 1


def undo_slices(job_id: int, *, now: datetime, slices: int = SLICES_A_TURN) -> bool:
    """Undo the next of what the job did; True when there is more."""
    for _slice in range(slices):
        found = ImportJob.objects.select_related("static_list")
        job = found.filter(pk=job_id, state=State.UNDOING).first()
        if job is None or not trouble.guarded(
            partial(undo_slice, job, now=now),
            stop=partial(importing.stop, job, now=now),
            job=f"undo import {job_id}",
        ):
            return False
    return True


def undo_slice(job: ImportJob, *, now: datetime) -> bool:
    """Undo what comes after `job.undo_position`; False when somebody else did, or nothing is left."""
    traces = list(job.traces.filter(pk__gt=job.undo_position).order_by("pk")[:SLICE])
    last = traces[-1].pk if traces else job.undo_position
    with transaction.atomic():
        here = ImportJob.objects.filter(
            pk=job.pk, state=State.UNDOING, undo_position=job.undo_position
        )
        state = State.UNDOING if traces else State.UNDONE
        undone = Slice(job, traces, now=now)
        if not here.update(undo_position=last, state=state):
            return False
        if traces:
            counts = Counter(job.undone) + undone.write()
            ImportJob.objects.filter(pk=job.pk).update(undone=dict(counts))
    return bool(traces)


class Slice:
    """Some traces, and what is made of them. A fixed number of statements."""

    def __init__(self, job: ImportJob, traces: list[ImportTrace], *, now: datetime) -> None:
        self.job, self.traces, self.now = job, traces, now
        self.by = _("undoing the import of %(file)s") % {"file": job.file_name}
        self.told = {"by": self.by, "import": job.pk}

    def write(self) -> Counter[str]:
        """Undo it, and count what was done: people deleted, restored, taken off the list, kept."""
        ids = [trace.person_id for trace in self.traces]
        locked = Person.objects.present().filter(pk__among=ids).order_by("pk")
        self.people = {each.pk: each for each in locked.select_for_update(no_key=True)}
        # Read again: until they were locked, something else could say what the import had said.
        self.traces = list(self.job.traces.filter(pk__in=[each.pk for each in self.traces]))
        for trace in self.traces:
            if trace.person_id not in self.people:
                trace.kept = _("This person is no longer here: deleted or merged since.")
        there = [trace for trace in self.traces if trace.person_id in self.people]
        deleted = self._delete([trace for trace in there if trace.made])
        others = [trace for trace in there if not trace.made]
        restored, unlisted = self._restore(others), self._unlist(others)
        kept = [trace for trace in self.traces if trace.kept]
        bulk.update_rows(
            ImportTrace,
            match={"id": [trace.pk for trace in kept]},
            each={"kept": [trace.kept[:255] for trace in kept]},
        )
        counts = {"deleted": deleted, "restored": restored, "unlisted": unlisted, "kept": len(kept)}
        return Counter(counts)

    def _delete(self, made: list[ImportTrace]) -> int:
        ids = [trace.person_id for trace in made]
        since = happened_since(self.job, ids) if ids else {}
        for trace in made:
            trace.kept = since.get(trace.person_id, "")
        gone = [pk for pk in ids if pk not in since]
        Person.objects.filter(pk__among=gone).update(**blanks.binned(self.now))
        lines = [Happening(pk, self.told) for pk in gone]
        return activity.record(UNDO_IMPORT, lines, at=self.now)

    def _restore(self, traces: list[ImportTrace]) -> int:
        changed: list[Changed] = []
        spoken = spoken_since(self.job, [trace.person_id for trace in traces])
        for trace in traces:
            person = self.people[trace.person_id]
            stays = _settled_since(person, trace, spoken.get(person.pk, set()))
            trace.kept = _stays(stays, person, trace)
            before = {n: _value(n, kept) for n, kept in trace.before.items() if n not in stays}
            changes = editing.apply(person, before)
            if changes:
                changed.append((person, changes))
        upserting.store(changed, now=self.now)
        back = {person.mobile for person, changes in changed if "mobile" in changes} - {""}
        if back:
            suppression.recognise(back, now=self.now)
        upserting.record(changed, self.told, now=self.now)
        return len(changed)

    def _unlist(self, traces: list[ImportTrace]) -> int:
        listed = [trace.person_id for trace in traces if trace.listed]
        if not (self.job.static_list and listed):
            return 0
        return len(lists.remove(self.job.static_list, listed, by=self.by, now=self.now))


def happened_since(job: ImportJob, people: list[int]) -> dict[int, str]:
    """Of people that the job made, to whom something else happened, and what: its words."""
    found: dict[int, str] = {}
    lines = Activity.objects.filter(person__among=people).order_by("pk")
    for pk, kind, details in lines.values_list("person_id", "kind", "details"):
        if not _is_own(job, kind, details):
            known = activity.kinds.get(kind)
            words = _("Something else happened to this person since: %(kind)s.")
            found.setdefault(pk, words % {"kind": _(known.label) if known else kind})
    return _elsewhere(people) | found


def _is_own(job: ImportJob, kind: str, details: dict[str, Any]) -> bool:
    if kind == activity.ADD_TO_LIST.word:  # lists tell who added, not by which import
        by = importing.told(job)["by"]
        return (details.get("list_id"), details.get("by")) == (job.static_list_id, by)
    return details.get("import") == job.pk


def _elsewhere(people: list[int]) -> dict[int, str]:
    """Who is part of something else that knows people: a run of a campaign, for one."""
    found: dict[int, str] = {}
    for relation in Person._meta.related_objects:
        model = relation.related_model
        if relation.many_to_many or model in (Activity, StaticListMember):
            continue
        name = relation.field.name
        rows = model._default_manager.filter(**{f"{name}__among": people})
        words = _("Something knows this person by now: %(what)s.")
        said = words % {"what": model._meta.verbose_name_plural}
        found |= dict.fromkeys(rows.values_list(f"{name}_id", flat=True).distinct(), said)
    return found


def spoken_since(job: ImportJob, people: list[int]) -> dict[int, set[str]]:
    """The fields of which something else told after the job had changed these people. One query.

    A later import that changed a value and was undone leaves it as it was, and so says nothing; of a
    restriction it has spoken all the same.
    """
    found: dict[int, set[str]] = {}
    begun: set[int] = set()
    kinds = (activity.CHANGE_DATA_VALUE.word, MERGED.word)
    lines = Activity.objects.filter(
        person__among=people, kind__in=kinds, happened_at__gte=job.created_at - DAY
    )
    rows = lines.order_by("pk").values_list("person_id", "kind", "details")
    for pk, kind, details in rows if people else ():
        if details.get("import") == job.pk:
            begun.add(pk)
        elif pk in begun:
            found.setdefault(pk, set()).update(_named(kind, details))
    return found


def _named(kind: str, details: dict[str, Any]) -> set[str]:
    if kind == MERGED.word:  # one of an earlier version does not say what it settled
        return set(details.get("settled", [*fields.recent(), *NUMBER]))
    names = set(details.get("changes", ()))
    return names & _ABOUT_RESTRICTIONS if "import" in details else names


def _settled_since(person: Person, trace: ImportTrace, spoken: set[str]) -> set[str]:
    """The fields that are not the import's any more: changed, spoken of by others, or said again.

    A number is one value, and so are a restriction and its reason.
    """
    changed = {name for name, left in trace.after.items() if _now(person, name) != left}
    stays = changed | (spoken & trace.before.keys()) | (trace.before.keys() - trace.after.keys())
    for one in [NUMBER, *({flag, why} for flag, why in restrictions.WHY.items())]:
        if (stays | spoken) & one:
            stays |= one & trace.before.keys()
    return stays


def _stays(names: set[str], person: Person, trace: ImportTrace) -> str:
    """Why these were left as they are; nothing where there are none."""
    barring = {name for name in names & restrictions.WHY.keys() if _would_lift(person, trace, name)}
    others = names - barring - ({"mobile_region", "mobile_typed"} if "mobile" in names else set())
    said = []
    if barring:
        words = _("Not lifted, since something else has spoken of it since: %(fields)s.")
        said.append(words % {"fields": _labels(barring)})
    if others:
        words = _("Changed again since, and left so: %(fields)s.")
        said.append(words % {"fields": _labels(others)})
    return " ".join(said)


def _would_lift(person: Person, trace: ImportTrace, name: str) -> bool:
    return bool(getattr(person, name)) and not trace.before[name]


def _labels(names: set[str]) -> str:
    return ", ".join(fields.label(name) for name in fields.in_order(names))


def _now(person: Person, name: str) -> Any:
    field = fields.find(name)
    return fields.kept(name, field.value(person) if field else getattr(person, name, None))


def _value(name: str, kept: Any) -> Any:
    field = fields.find(name)
    return field.type.from_json(kept) if field else kept


def progress(job: ImportJob) -> tuple[int, int]:
    """How many of its traces are undone, and how many there are."""
    return job.traces.filter(pk__lte=job.undo_position).count(), job.traces.count()
