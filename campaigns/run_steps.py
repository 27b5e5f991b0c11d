"""The steps that anybody in a run may have met: those of its version, and of the versions people were moved to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from . import versions
from .content import StepSpec
from .models import Cohort, FlowVersion, Run
from .registry import UnknownKind, steps


@dataclass(frozen=True)
class RunStep:
    """One of them. `number` is its place in the newest version that has it; `version` is the number of that
    version where the newest of the run has the step no more, else 0."""

    spec: StepSpec
    number: int
    version: int = 0

    @property
    def label(self) -> str:
        """What kind of step it is; and, where it is gone, where it was."""
        try:
            found = str(steps.get(self.spec.kind).label)
        except UnknownKind:
            found = self.spec.kind
        return self._said(found)

    @property
    def summary(self) -> str:
        """The sentence of its default branch; the label where what it names is gone."""
        try:
            step_type = steps.get(self.spec.kind)
            config = self.spec.branches[-1].config
            return self._said(str(step_type.summary(step_type.thaw(config))))
        except (ObjectDoesNotExist, LookupError, ValueError, TypeError):
            return self.label

    def _said(self, words: str) -> str:
        gone = _("%(step)s (version %(number)d, no longer in the flow)")
        return gone % {"step": words, "number": self.version} if self.version else words


def of(run: Run) -> dict[int, RunStep]:
    """By step id, in the order of the newest version; what is gone from it stands behind what it stood behind."""
    newest, *older = [(each, _numbered(run, each)) for each in versions.of_run(run)]
    found = newest[1]
    for version, its in older:
        gone = [replace(each, version=version.number) for each in its]
        found = _with(found, gone)
    return {each.spec.id: each for each in found}


def labels(cohort: Cohort) -> list[str]:
    """The label of each step that a cohort goes through, in order; asks the database nothing."""
    flow = versions.flow_of_cohort(cohort)
    return [RunStep(step, number).label for number, step in enumerate(flow.steps, 1)]


def _numbered(run: Run, version: FlowVersion) -> list[RunStep]:
    flow = versions.flow_in(run, version)
    return [RunStep(step, number) for number, step in enumerate(flow.steps, 1)]


def _with(found: Sequence[RunStep], older: Iterable[RunStep]) -> list[RunStep]:
    """Those found, and those of an older version that are not among them, each behind its former neighbour."""
    merged, place = list(found), 0
    for each in older:
        there = [one.spec.id for one in merged]
        if each.spec.id in there:
            place = there.index(each.spec.id) + 1
        else:
            merged.insert(place, each)
            place += 1
    return merged
