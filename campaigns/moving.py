"""Move those who wait inside an older version to the newest one, by the steps they have taken, as it was shown.

A step is the same step in every version (its id). Whoever waits goes on behind the last step they took that the
new version still has; where it has none of them, all of it is new to them, and they begin at its first step. A
wait that is still there keeps the time it was given; one that is gone is over at once. Whoever would come to
a step again is not moved. What was taken stays as it is, and so does what it still owes. Why: docs/decisions/0040.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.formats import number_format
from django.utils.translation import ngettext

from people.crashpoint import crashpoint
from vibes.models import VibesList

from . import asking, control, standing, stopovers, versions
from .models import Cohort, FlowVersion, Intervention, Run
from .problems import Problem
from .stopovers import Stopover


class SeenAnotherWay(Exception):
    """What people would meet is not what was shown any more."""


@dataclass(frozen=True)
class Plan:
    """What a move would do: for each place where people wait, what they meet; `in_hand` people are being taken
    on just now, and `in_retries` repeat one step only: these stay. `asks`: lists about whose members Vibes
    is asked first, as far as `unknown` numbers go."""

    version: FlowVersion
    target: FlowVersion
    moving: list[Stopover]
    staying: list[Stopover]
    in_hand: int
    in_retries: int
    asks: list[VibesList]
    unknown: int
    problems: list[Problem]

    @property
    def people(self) -> int:
        """How many would be moved."""
        return sum(each.people for each in self.moving)

    @property
    def seen(self) -> int:
        """What was shown, in a number: another one, and it is shown again before anybody is moved."""
        return stopovers.fingerprint([*self.moving, *self.staying], self.target)


def plan(version: FlowVersion, *, by: Any) -> Plan:
    """What would become of everybody who waits inside a version, were they moved to the newest. Writes nothing."""
    target = version.campaign.versions.all()[0]
    found = stopovers.of(version, target) if version != target else stopovers.Found()
    runs = Run.objects.filter(pk__in=_runs(found.free)).select_related("version")
    asks = {run: _new_lists(run, target) for run in runs}
    return Plan(
        version,
        target,
        moving=[each for each in found.free if not each.again],
        staying=[each for each in found.free if each.again],
        in_hand=found.in_hand,
        in_retries=found.in_retries,
        asks=list({each.pk: each for lists in asks.values() for each in lists}.values()),
        unknown=sum(_unknown(run, lists) for run, lists in asks.items()),
        problems=_problems(target, by),
    )


@transaction.atomic
def move(version: FlowVersion, *, seen: int, by: Any, now: datetime) -> Plan:
    """Move all who can be, and write down in each run who did it; gives what was done.

    Raises SeenAnotherWay, with nothing done, where `Plan.seen` is another by now, and versions.NotReady where
    the newest version cannot run today. Whoever advances somebody is waited for, and comes too late after.
    """
    runs = Run.objects.filter(campaign=version.campaign_id, state__in=Run.OPEN).order_by("pk")
    locked = [control.lock(pk) for pk in runs.values_list("pk", flat=True)]
    done = plan(version, by=by)
    if done.seen != seen:
        raise SeenAnotherWay
    if done.problems:
        raise versions.NotReady(done.problems)
    for each in done.moving:
        _put(each, done, now)
    people = _people_by_run(done.moving)
    for run in locked:
        if people[run.pk]:
            _ask_first(run, done.target, now)
            _record(run, done, people[run.pk], by=by, now=now)
    crashpoint("inside-move")
    return done


def _put(stopover: Stopover, done: Plan, now: datetime) -> None:
    # Asked again, though all is locked: nobody who is in a worker's hands is ever moved.
    free = Cohort.objects.filter(
        pk__among=[each.pk for each in stopover.cohorts],
        state=Cohort.State.WAITING,
        attempts=0,
    )
    over = {} if stopover.keeps else {"due_at": now}
    free.update(version=done.target, position=stopover.position, **over)


def _ask_first(run: Run, target: FlowVersion, now: datetime) -> None:
    """Lists that nobody in the run needed so far: as at a launch, Vibes is asked before anybody goes on."""
    lists = _new_lists(run, target)
    if not lists:
        return
    column = "paused_from" if run.is_paused else "state"
    Run.objects.filter(pk=run.pk).update(
        **{column: Run.State.ASKING},
        to_ask=F("to_ask") + _unknown(run, lists),
        asked_at=now,
        fault="",
    )


def _record(run: Run, done: Plan, people: int, *, by: Any, now: datetime) -> None:
    figures = {
        **standing.of([run.pk]).as_json(),
        "people": people,
        "from": done.version.number,
        "to": done.target.number,
    }
    Intervention.objects.create(
        run=run,
        deed=Intervention.Deed.MOVE,
        by=by,
        at=now,
        version=done.target,
        figures=figures,
    )


def sentence(figures: Mapping[str, int]) -> str:
    """Of an Intervention: “3 people who were waiting went from version 1 to version 2.”"""
    words = ngettext(
        "%(people)s person who was waiting went from version %(old)d to version %(new)d.",
        "%(people)s people who were waiting went from version %(old)d to version %(new)d.",
        figures["people"],
    )
    people = number_format(figures["people"], force_grouping=True)
    return words % {"people": people, "old": figures["from"], "new": figures["to"]}


# --------------------------------------------------------------------------------------------------


def _problems(target: FlowVersion, by: Any) -> list[Problem]:
    try:
        versions.refuse_without_right(versions.flow_of(target), by=by)
    except versions.NotReady as refused:
        return refused.problems
    return versions.obstacles(target, also_list=False)


def _new_lists(run: Run, target: FlowVersion) -> list[VibesList]:
    known = {each.pk for each in asking.lists_of_run(run)}
    asked = asking.lists_to_ask(versions.flow_of(target))
    return [each for each in asked if each.pk not in known]


def _unknown(run: Run, lists: Iterable[VibesList]) -> int:
    return sum(asking.unknown(run, each, only_inside=True).count() for each in lists)


def _runs(found: Iterable[Stopover]) -> set[int]:
    return {each.run_id for stopover in found for each in stopover.cohorts}


def _people_by_run(found: Iterable[Stopover]) -> Counter[int]:
    counted: Counter[int] = Counter()
    for stopover in found:
        for each in stopover.cohorts:
            counted[each.run_id] += each.people
    return counted
