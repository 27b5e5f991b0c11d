"""Single flow actions: one step, once, for people of any list. A run like any other, of one step and no campaign.

All such runs are of one campaign that the tree does not show; so they pass the same gate, ledger, person
limit and switch, and are paused, stopped, explained and retried as any run (docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from . import content, limits, references, versions
from .content import BranchSpec, FlowSpec, ListSpec, StepSpec
from .models import Campaign, FlowVersion, Node, Run, SmartList
from .problems import Problem
from .registry import ConfigForm, StepType, steps
from .sources import Chosen

STEP = 1  # the id of the one step; within a run it need only be its own


def offered() -> list[StepType[Any]]:
    """The steps that can be done alone, now. A wait alone would come to nothing."""
    return [each for each in steps.offered() if not each.waits]


@transaction.atomic
def begin(
    chosen: Chosen, *, kind: str, form: ConfigForm, token: str, by: Any, now: datetime
) -> tuple[Run, bool]:
    """Start the action for these people; say whether it is new: the same token is the same run.

    It finds its people when it is prepared, soon after. Raises UnknownKind, ValueError when the form
    is not valid, versions.NotReady when the step cannot work today or too many people would enter.
    """
    if existing := Run.objects.filter(token=token).first():
        return existing, False
    campaign = home(now=now)
    if words := limits.refusal(campaign, chosen.people(now=now).count()):
        raise versions.NotReady([Problem(words, "schedule", "person-limit")])
    version = _version(campaign, kind, form, by, now)
    if obstacles := versions.obstacles(version):
        raise versions.NotReady(obstacles)
    return campaign.runs.get_or_create(
        token=token,
        defaults={
            "version": version,
            "chosen": chosen.as_json(),
            "started_by": by,
            "started_at": now,
        },
    )


def home(*, now: datetime) -> Campaign:
    """The campaign whose runs are single actions, made when it is first needed. Locks it."""
    node, _is_new = Node.objects.get_or_create(
        kind=Node.Kind.ACTIONS,
        parent=None,
        name="Single flow actions",
        defaults={"created_at": now},
    )
    found = Campaign.objects.select_for_update().filter(node=node).first()
    return found or Campaign.objects.create(
        node=node, smart_list=SmartList.objects.create(), edited_at=now
    )


def _version(
    campaign: Campaign, kind: str, form: ConfigForm, by: Any, now: datetime
) -> FlowVersion:
    step_type = steps.get(kind)
    settings: Mapping[str, Any] = step_type.freeze(step_type.params(form))
    step = StepSpec(STEP, kind, (BranchSpec(settings),))
    flow = FlowSpec(ListSpec(), (step,))
    versions.refuse_without_right(flow, by=by)
    newest = campaign.versions.aggregate(number=Max("number"))["number"] or 0
    version = FlowVersion.objects.create(
        campaign=campaign,
        number=newest + 1,
        content=content.to_json(flow),
        published_at=now,
        published_by=by,
    )
    references.write_for_form(version, form)
    return version
