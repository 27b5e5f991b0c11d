"""Publishing: the draft becomes a version that never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from . import content, drafts, references
from .content import FlowSpec
from .drafts import Problem
from .models import Campaign, FlowVersion, Run
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
    version = FlowVersion.objects.create(
        campaign=campaign,
        number=(newest.number if newest else 0) + 1,
        content=value,
        published_at=now,
        published_by=by,
    )
    references.write_for_version(version, draft)
    return version


def flow_of(version: FlowVersion) -> FlowSpec:
    """The plain value of a version."""
    return content.from_json(version.content)


def flow_of_run(run: Run) -> FlowSpec:
    """What a run takes its people through: the flow of its version; in a retry the one step that was missed."""
    flow = flow_of(run.version)
    return flow if run.retry_step_id is None else only(flow, run.retry_step_id)


def only(flow: FlowSpec, step_id: int) -> FlowSpec:
    """A flow of this one step."""
    return FlowSpec(flow.smart_list, tuple(step for step in flow.steps if step.id == step_id))


def obstacles(version: FlowVersion, *, step_id: int | None = None) -> list[Problem]:
    """What stands in the way of a version now, whatever its forms said when it was published; or of
    one step of it."""
    return [
        Problem(f"{number}. {steps.get(step.kind).label}: {words}", "flow", f"step-{step.id}")
        for number, step in enumerate(flow_of(version).steps, 1)
        for branch in step.branches
        if not branch.does_nothing
        and step_id in (None, step.id)
        and (words := steps.get(step.kind).obstacle(steps.get(step.kind).thaw(branch.config)))
    ]


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
