"""Where people wait inside a version, and where each of them would go on in another."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

from django.db.models import Count, Min

from . import versions
from .models import Cohort, Entry, FlowVersion, Run, Verdict


@dataclass(frozen=True)
class Waiting:
    """A cohort that waits: so many people, until when, and the steps they have taken, the last one last."""

    pk: int
    run_id: int
    people: int
    position: int
    due_at: datetime | None
    taken: tuple[int, ...]


@dataclass(frozen=True)
class Stopover:
    """People who wait in one step (`at`), were about to meet `was`, and would meet `next` (0: nothing more).

    `position` is the place of `next` in the new version. `keeps`: it still has the wait. `passed`: steps of it
    that they have not taken and would not come to; `again`: steps they took and would come to again,
    for which they cannot be moved.
    """

    at: int
    was: int
    next: int
    position: int
    keeps: bool
    passed: tuple[int, ...]
    again: tuple[int, ...]
    cohorts: tuple[Waiting, ...]

    @property
    def people(self) -> int:
        return sum(each.people for each in self.cohorts)

    @property
    def first_due(self) -> datetime | None:
        return min((each.due_at for each in self.cohorts if each.due_at), default=None)

    @property
    def last_due(self) -> datetime | None:
        return max((each.due_at for each in self.cohorts if each.due_at), default=None)


@dataclass(frozen=True)
class Found:
    """The stopovers of those who are free to move; how many are in a worker's hands, and in retries."""

    free: list[Stopover] = field(default_factory=list)
    in_hand: int = 0
    in_retries: int = 0


def of(version: FlowVersion, target: FlowVersion) -> Found:
    """Of everybody who waits inside a version, in the order of its steps. Three statements for any number."""
    waiting = Cohort.objects.inside(version).filter(
        run__campaign=version.campaign_id, run__state__in=Run.OPEN, state=Cohort.State.WAITING
    )
    people = Entry.objects.filter(cohort__in=waiting, left_at=None).values("cohort").order_by()
    samples = {
        pk: (sample, number)
        for pk, sample, number in people.values_list("cohort", Min("pk"), Count("pk"))
    }
    rows = [each for each in waiting.select_related("run") if each.pk in samples]
    free = [each for each in rows if each.run.retry_step_id is None and not each.attempts]
    taken = _taken(samples[each.pk][0] for each in free)
    found = [
        Waiting(each.pk, each.run_id, number, each.position, each.due_at, tuple(taken[sample]))
        for each in free
        for sample, number in [samples[each.pk]]
    ]
    retries = sum(samples[each.pk][1] for each in rows if each.run.retry_step_id is not None)
    total = sum(number for _, number in samples.values())
    in_hand = total - retries - sum(each.people for each in found)
    return Found(_stopovers(found, _ids(version), _ids(target)), in_hand, retries)


def _taken(entries: Iterable[int]) -> dict[int, list[int]]:
    """The steps that these entries have a verdict of, in the order they were taken. People of one cohort have
    taken the same: they only ever part."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Verdict.objects.filter(entry__among=[*entries]).order_by("pk")
    for entry, step in rows.values_list("entry", "step_id"):
        found[entry].append(step)
    return found


def _ids(version: FlowVersion) -> list[int]:
    return [step.id for step in versions.flow_of(version).steps]


def _stopovers(found: Iterable[Waiting], old: Sequence[int], new: Sequence[int]) -> list[Stopover]:
    ways: dict[tuple[int, tuple[int, ...]], list[Waiting]] = defaultdict(list)
    for each in found:
        ways[each.position, each.taken].append(each)
    together: dict[Stopover, list[Waiting]] = defaultdict(list)
    for (position, taken), cohorts in sorted(ways.items()):
        together[_stopover(taken, _at(old, position), new)] += cohorts
    return [Stopover(**{**vars(each), "cohorts": tuple(who)}) for each, who in together.items()]


def _stopover(taken: Sequence[int], was: int, new: Sequence[int]) -> Stopover:
    position = landing(taken, new)
    return Stopover(
        at=taken[-1] if taken else 0,
        was=was,
        next=_at(new, position),
        position=position,
        keeps=bool(taken) and taken[-1] in new,
        passed=tuple(step for step in new[:position] if step not in taken),
        again=tuple(step for step in new[position:] if step in taken),
        cohorts=(),
    )


def landing(taken: Sequence[int], new: Sequence[int]) -> int:
    """The place in a new version at which those go on who have taken these steps, the last one last."""
    for step in reversed(taken):
        if step in new:
            return new.index(step) + 1
    return 0


def _at(steps: Sequence[int], place: int) -> int:
    return steps[place] if place < len(steps) else 0


def fingerprint(found: Iterable[Stopover], target: FlowVersion) -> int:
    """A number that is another one wherever people would meet something else, or at another place."""
    shown = [(each.at, each.was, each.next, each.keeps, each.passed, each.again) for each in found]
    return crc32(json.dumps([target.pk, sorted(shown)]).encode())
