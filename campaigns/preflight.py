"""The dry run: the same functions as the run, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from people.models import Person, PersonQuerySet
from vibes.gate import Reason
from vibes.models import Account

from . import asking, audience, runner
from .content import BranchSpec, FlowSpec, ListSpec, StepSpec
from .enrolling import SIZE
from .registry import Outcome, StepContext, StepType, steps

Placed = tuple[BranchSpec, set[int]]


@dataclass
class StepForecast:
    """What one step would make of those who reach it."""

    step: StepSpec
    type: StepType[Any]
    summary: str
    reached: int = 0
    acting: int = 0  # of these, those for whom its branch has settings: the others do nothing
    queued: int = 0
    parts: int = 0
    lists: frozenset[int] = frozenset()  # Vibes lists on which it asks who is a member
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def skipped(self) -> int:
        return sum(self.reasons.values())

    @property
    def idle(self) -> int:
        """Those who are told to do nothing."""
        return self.reached - self.acting

    @property
    def passing(self) -> int:
        """Those for whom the step owes nothing: done at once."""
        return self.acting - self.queued - self.skipped

    @property
    def toll(self) -> str:
        """What it will do to how many, in a sentence."""
        found = {"step": self.type.label, "toll": self.type.toll(self.acting - self.skipped)}
        return _("%(step)s: %(toll)s") % found

    @property
    def title(self) -> str:
        return self.summary or str(self.type.label)

    @property
    def rows(self) -> list[tuple[str, str, int]]:
        """(reason, its words, how many), the most frequent first."""
        return [(why, label(why), count) for why, count in self.reasons.most_common()]


@dataclass(frozen=True)
class Pace:
    """What Vibes takes a second, at most, from the slowest service that a flow uses."""

    texts: int
    questions: int


@dataclass
class Forecast:
    """Who will get it: how many the smart list finds, and what each step would do."""

    qualified: int
    steps: list[StepForecast]
    pace: Pace
    waits: list[str] = field(default_factory=list)  # why a run would stand still now, in words

    @property
    def texts(self) -> int:
        return sum(each.queued for each in self.steps if each.type.texts)

    @property
    def texts_anybody(self) -> bool:
        return any(each.type.texts for each in self.steps)

    @property
    def others(self) -> list[StepForecast]:
        """What those steps will do that text nobody."""
        return [each for each in self.steps if not each.type.texts]

    @property
    def parts(self) -> int:
        return sum(each.parts for each in self.steps)

    @property
    def unknown(self) -> int:
        """How many people have a number about which Vibes is asked first; once for the same lists."""
        asked: dict[frozenset[int], int] = {}
        for each in self.steps:
            now = each.reasons[Reason.MEMBERSHIP_UNKNOWN]
            asked[each.lists] = max(now, asked.get(each.lists, 0))
        return sum(asked.values())

    @property
    def takes(self) -> timedelta:
        """How long asking and sending take at the rate Vibes permits."""
        sending = self.texts / self.pace.texts
        return timedelta(seconds=round(sending + self.unknown / self.pace.questions))


def forecast(flow: FlowSpec, *, now: datetime) -> Forecast:
    """Walk the audience through the flow in slices, as a run would, and count. Writes nothing."""
    return forecast_for(audience.people(flow.smart_list, now=now), flow, now=now)


def forecast_for(people: PersonQuerySet, flow: FlowSpec, *, now: datetime) -> Forecast:
    """As `forecast`, for these people, whatever the smart list says of them."""
    waits = asking.expected_waits(flow)
    found = Forecast(0, [_blank(step) for step in flow.steps], _pace(flow), waits)
    for slice_ in slices(people):
        found.qualified += len(slice_)
        for each in found.steps:
            _add(each, slice_, now)
    return found


def people_by_reason(
    flow: FlowSpec, *, step_id: int, reason: str, now: datetime, limit: int = 200
) -> list[Person]:
    """The first people whom a step would treat so: `reason` is a skip reason, or 'queued'."""
    step = next(each for each in flow.steps if each.id == step_id)
    found: list[int] = []
    for slice_ in slices(audience.people(flow.smart_list, now=now)):
        outcome = _outcome(step, _deeds(step, slice_, now), now)
        found += outcome.queued if reason == "queued" else outcome.skipped.get(reason, ())
        if len(found) >= limit:
            break
    return list(
        Person.objects.filter(pk__in=found[:limit]).order_by("last_name", "first_name", "pk")
    )


def slices(people: PersonQuerySet, size: int = SIZE) -> Iterator[list[int]]:
    """Ids in the order and the sizes of cohorts: a number is never split over two slices."""
    after: tuple[str, int] | None = None
    while True:
        rest = people if after is None else people.filter(_beyond(*after))
        rows = list(rest.by_number().values_list("mobile", "pk")[:size])
        if not rows:
            return
        last, pk = rows[-1]
        if len(rows) == size and last:
            sharing = people.filter(mobile=last, pk__gt=pk).values_list("mobile", "pk")
            rows += sharing
        yield [each for _, each in rows]
        after = (last, rows[-1][1])


def _beyond(mobile: str, pk: int) -> Q:
    return Q(mobile__gt=mobile) | Q(mobile=mobile, pk__gt=pk)


def _pace(flow: FlowSpec) -> Pace:
    accounts = [each.account for each in asking.lists_to_ask(flow)] or [Account()]
    return Pace(
        max(1, min(each.events_per_second for each in accounts)),
        max(1, min(each.calls_per_second for each in accounts)),
    )


def _blank(step: StepSpec) -> StepForecast:
    step_type = steps.get(step.kind)
    default = step.branches[-1]
    words = "" if default.does_nothing else step_type.summary(step_type.thaw(default.config))
    asked = asking.lists_to_ask(FlowSpec(ListSpec(), (step,)))
    return StepForecast(step, step_type, words, lists=frozenset(each.pk for each in asked))


def _add(each: StepForecast, people: list[int], now: datetime) -> None:
    deeds = _deeds(each.step, people, now)
    outcome = _outcome(each.step, deeds, now)
    each.reached += len(people)
    each.acting += sum(len(who) for _branch, who in deeds)
    each.queued += len(outcome.queued)
    each.parts += outcome.parts
    each.reasons.update({why: len(who) for why, who in outcome.skipped.items()})


def _deeds(step: StepSpec, people: list[int], now: datetime) -> list[Placed]:
    """The branches that these people would take and that do something, each with its people."""
    placed = runner.place(step, people, now=now)
    return [(branch, who) for branch, who in placed if not branch.does_nothing]


def _outcome(step: StepSpec, deeds: list[Placed], now: datetime) -> Outcome:
    step_type = steps.get(step.kind)
    context = StepContext(now=now, campaign_id=0, campaign="", run_id=0, step_id=step.id)
    return runner.merge_outcomes(
        step_type.forecast(
            Person.objects.filter(pk__in=who).by_number(), step_type.thaw(branch.config), context
        )
        for branch, who in deeds
    )


def label(reason: str) -> str:
    """A reason in plain words."""
    return str(Reason(reason).label) if reason in Reason.values else reason
