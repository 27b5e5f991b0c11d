"""Publishing: the draft becomes a version that never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from people.rights import lacks

from . import audience, content, drafts, references, snapshot
from .content import BranchSpec, FlowSpec, StepSpec
from .models import Campaign, Cohort, FlowVersion, Intervention, Node, Run
from .problems import Problem
from .registry import steps


class NotReady(Exception):
    """The draft cannot run yet; `problems` says why, each with the place that mends it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.words for problem in problems))
        self.problems = problems


@transaction.atomic
def publish(campaign: Campaign, *, by: Any, now: datetime) -> FlowVersion:
    """Make the draft a version. An unchanged draft is the newest version already. Raises NotReady."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    draft = drafts.read(campaign)
    if draft.problems:
        raise NotReady(draft.problems)
    value = content.to_json(draft.spec)
    newest = campaign.versions.first()
    if newest and newest.content == _as_stored(value):
        return newest
    refuse_without_right(draft.spec, by=by)
    version = FlowVersion.objects.create(
        campaign=campaign,
        number=(newest.number if newest else 0) + 1,
        content=value,
        draft=snapshot.read(campaign),
        published_at=now,
        published_by=by,
    )
    references.write_for_version(version, draft)
    return version


def refuse_without_right(flow: FlowSpec, *, by: Any) -> None:
    """Raises NotReady where a step does what this person may not do by hand either."""
    lacking = [
        Problem(
            f"{number}. {steps.get(step.kind).label}: {lacks(right)}", "flow", f"step-{step.id}"
        )
        for number, step in enumerate(flow.steps, 1)
        for right in _needed(step)
        if by is not None and not by.has_perm(right)
    ]
    if lacking:
        raise NotReady(lacking)


def _needed(step: StepSpec) -> set[str]:
    step_type = steps.get(step.kind)
    does = (each.config for each in step.branches if not each.does_nothing)
    return {step_type.needs(step_type.thaw(config)) for config in does} - {""}


def flow_of(version: FlowVersion) -> FlowSpec:
    """The plain value of a version."""
    return content.from_json(version.content)


def flow_of_run(run: Run) -> FlowSpec:
    """What a run takes its people through: the flow of its version; in a retry the one step that was missed."""
    return flow_in(run, run.version)


def flow_of_cohort(cohort: Cohort) -> FlowSpec:
    """What a cohort goes through: the version its people were moved to, or else their run's."""
    return flow_in(cohort.run, cohort.version or cohort.run.version)


def step_before(cohort: Cohort) -> int:
    """The id of the step behind which a cohort goes on; 0 at the beginning."""
    taken = flow_of_cohort(cohort).steps[: cohort.position]
    return taken[-1].id if taken else 0


def flow_in(run: Run, version: FlowVersion) -> FlowSpec:
    """What a version means in a run: its flow; in a retry the one step of it."""
    flow = flow_of(version)
    return flow if run.retry_step_id is None else only(flow, run.retry_step_id)


def of_run(run: Run) -> list[FlowVersion]:
    """All that anybody in a run ever went through, the newest first: its own, and those people were moved to."""
    moves = run.interventions.filter(deed=Intervention.Deed.MOVE)
    moved_to = FlowVersion.objects.filter(pk__in=moves.values("version")).exclude(pk=run.version_id)
    return sorted([run.version, *moved_to], key=lambda each: -each.number)


def newest_with(run: Run, step_id: int) -> FlowVersion:
    """Of the versions that people in a run went through, the newest that has this step, else the run's own."""
    having = (each for each in of_run(run) if only(flow_of(each), step_id).steps)
    return next(having, run.version)


def only(flow: FlowSpec, step_id: int) -> FlowSpec:
    """A flow of this one step."""
    return FlowSpec(flow.smart_list, tuple(step for step in flow.steps if step.id == step_id))


def obstacles(
    version: FlowVersion, *, step_id: int | None = None, also_list: bool = True
) -> list[Problem]:
    """What stands in the way of a version now, whatever its forms said when it was published; or of
    one step of it; or of all its steps, for those who are in it already."""
    found = _list_obstacles(version) if also_list and not step_id else []
    return (
        binned(version.campaign.node)
        + found
        + [
            Problem(f"{number}. {steps.get(step.kind).label}: {words}", "flow", f"step-{step.id}")
            for number, step in enumerate(flow_of(version).steps, 1)
            for branch in step.branches
            if step_id in (None, step.id) and (words := _in_the_way(version, step, branch))
        ]
    )


def binned(node: Node) -> list[Problem]:
    """That nothing in the recycle bin runs."""
    words = _("It is in the recycle bin. Restore it first.")
    return [Problem(words, "results")] if node.binned_at else []


def _list_obstacles(version: FlowVersion) -> list[Problem]:
    words = audience.obstacle(flow_of(version).smart_list, now=version.published_at)
    return [Problem(words, "smart-list")] if words else []


def _in_the_way(version: FlowVersion, step: StepSpec, branch: BranchSpec) -> str:
    """Of one branch: what its condition or its step says, in words; empty when nothing does. What a step
    awaits stands in the way of a batch only, for triggered campaigns may wait for each other."""
    why = audience.obstacle(branch.condition, now=version.published_at) if branch.condition else ""
    if why or branch.does_nothing:
        return why
    step_type = steps.get(step.kind)
    params = step_type.thaw(branch.config)
    awaited = "" if version.content.get("triggers") else step_type.awaits(params)
    return step_type.obstacle(params) or awaited


def is_published(campaign: Campaign, draft: drafts.Draft) -> bool:
    """Whether the draft says the same as the newest version."""
    newest = campaign.versions.first()
    if newest is None or draft.problems:
        return False
    return bool(newest.content == _as_stored(content.to_json(draft.spec)))


def _as_stored(value: Any) -> Any:
    """Tuples come back from the database as lists."""
    if isinstance(value, dict):
        return {key: _as_stored(each) for key, each in value.items()}
    return [_as_stored(each) for each in value] if isinstance(value, list | tuple) else value
