"""Every way a flow or a smart list is edited. Each edit is saved at once and raises the revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F

from . import drafts, logic, references
from .models import (
    Campaign,
    Choice,
    FlowStep,
    NamedList,
    SmartList,
    SmartListFilter,
)
from .models.named_list import ListOwner
from .registry import filters, steps


class FlowChanged(Exception):
    """Somebody else added or removed a card meanwhile: show what is there now."""


def touch(owner: ListOwner, *, by: Any, now: datetime) -> None:
    """Note who edited the campaign, or the smart list that stands alone, last, and that it changed."""
    type(owner)._default_manager.filter(pk=owner.pk).update(
        revision=F("revision") + 1, edited_at=now, edited_by=by
    )


# --- Steps ----------------------------------------------------------------------------------------


@transaction.atomic
def add_step(
    campaign: Campaign, *, kind: str, by: Any, now: datetime, at: int | None = None
) -> FlowStep:
    """Add a step of this kind, at a place (0-based) or at the end. Raises UnknownKind."""
    config = steps.get(kind).starting()
    row = FlowStep.objects.create(
        campaign=campaign, kind=kind, config=config, position=_count(campaign.steps)
    )
    _place(campaign.steps, row.pk, at)
    touch(campaign, by=by, now=now)
    row.refresh_from_db(fields=["position"])
    return row


@transaction.atomic
def move_step(step: FlowStep, *, to: int, by: Any, now: datetime) -> None:
    """Bring a step to a place (0-based; beyond the end means the end)."""
    _place(step.campaign.steps, step.pk, to)
    touch(step.campaign, by=by, now=now)


@transaction.atomic
def reorder_steps(campaign: Campaign, *, step_ids: Sequence[int], by: Any, now: datetime) -> None:
    """Bring the steps into this order. Raises FlowChanged when they are not these any more."""
    _reorder(campaign.steps, step_ids)
    touch(campaign, by=by, now=now)


@transaction.atomic
def duplicate_step(step: FlowStep, *, by: Any, now: datetime) -> FlowStep:
    """Add a copy of a step, choices and all, right after it."""
    copy = add_step(step.campaign, kind=step.kind, by=by, now=now, at=step.position + 1)
    FlowStep.objects.filter(pk=copy.pk).update(config=step.config, does_nothing=step.does_nothing)
    for choice in step.choices.all():
        Choice.objects.create(
            step=copy,
            position=choice.position,
            condition=_copy_list(choice.condition),
            config=choice.config,
            does_nothing=choice.does_nothing,
        )
    copy.refresh_from_db()
    _note(copy)
    return copy


@transaction.atomic
def delete_step(step: FlowStep, *, by: Any, now: datetime) -> None:
    """Remove a step from the draft. People in older versions are not touched."""
    campaign = step.campaign
    conditions = [choice.condition_id for choice in step.choices.all()]
    step.delete()
    SmartList.objects.filter(pk__in=conditions).delete()
    _close_up(campaign.steps)
    touch(campaign, by=by, now=now)


@transaction.atomic
def configure_step(
    step: FlowStep, config: Mapping[str, Any], *, does_nothing: bool, by: Any, now: datetime
) -> None:
    """Keep what the default branch of a card holds, complete or not."""
    FlowStep.objects.filter(pk=step.pk).update(config=dict(config), does_nothing=does_nothing)
    step.refresh_from_db()
    _note(step)
    touch(step.campaign, by=by, now=now)


# --- Choices --------------------------------------------------------------------------------------


@transaction.atomic
def add_choice(step: FlowStep, *, by: Any, now: datetime) -> Choice:
    """Add a choice before the default, with the default's settings to begin with."""
    choice = Choice.objects.create(
        step=step,
        position=_count(step.choices),
        condition=SmartList.objects.create(),
        config=step.config,
    )
    _note(step)
    touch(step.campaign, by=by, now=now)
    return choice


@transaction.atomic
def configure_choice(
    choice: Choice, config: Mapping[str, Any], *, does_nothing: bool, by: Any, now: datetime
) -> None:
    """Keep what a choice's branch holds, complete or not."""
    Choice.objects.filter(pk=choice.pk).update(config=dict(config), does_nothing=does_nothing)
    _note(choice.step)
    touch(choice.step.campaign, by=by, now=now)


@transaction.atomic
def move_choice(choice: Choice, *, to: int, by: Any, now: datetime) -> None:
    """Try a choice earlier or later: first match wins."""
    _place(choice.step.choices, choice.pk, to)
    touch(choice.step.campaign, by=by, now=now)


@transaction.atomic
def delete_choice(choice: Choice, *, by: Any, now: datetime) -> None:
    """Remove a choice and its condition."""
    step, condition = choice.step, choice.condition
    choice.delete()
    condition.delete()
    _close_up(step.choices)
    _note(step)
    touch(step.campaign, by=by, now=now)


# --- Smart lists (a campaign's, a choice's condition, or one that stands alone) ----------------------


def owner_of(smart_list: SmartList) -> ListOwner:
    """What a smart list belongs to: a campaign, directly or through a choice, or itself in the tree."""
    choice = Choice.objects.filter(condition=smart_list).select_related("step__campaign").first()
    if choice:
        return choice.step.campaign
    campaign = Campaign.objects.filter(smart_list=smart_list).first()
    return campaign or NamedList.objects.get(smart_list=smart_list)


@transaction.atomic
def add_filter(
    smart_list: SmartList, *, kind: str, by: Any, now: datetime, at: int | None = None
) -> SmartListFilter:
    """Add a filter of this kind, at a place (0-based) or at the end. Raises UnknownKind."""
    config = filters.get(kind).starting()
    before = _ids(smart_list.filters)
    row = SmartListFilter.objects.create(
        smart_list=smart_list, kind=kind, config=config, position=len(before)
    )
    _place(smart_list.filters, row.pk, at)
    _keep_meaning(smart_list, before, added=row.pk)
    touch(owner_of(smart_list), by=by, now=now)
    row.refresh_from_db(fields=["position"])
    return row


@transaction.atomic
def configure_filter(
    row: SmartListFilter, config: Mapping[str, Any], *, by: Any, now: datetime
) -> None:
    """Keep what a filter card holds, complete or not."""
    SmartListFilter.objects.filter(pk=row.pk).update(config=dict(config))
    touch(owner_of(row.smart_list), by=by, now=now)


@transaction.atomic
def move_filter(row: SmartListFilter, *, to: int, by: Any, now: datetime) -> None:
    """Bring a filter to a place (0-based)."""
    before = _ids(row.smart_list.filters)
    _place(row.smart_list.filters, row.pk, to)
    _keep_meaning(row.smart_list, before)
    touch(owner_of(row.smart_list), by=by, now=now)


@transaction.atomic
def reorder_filters(
    smart_list: SmartList, *, filter_ids: Sequence[int], by: Any, now: datetime
) -> None:
    """Bring the filters into this order. Raises FlowChanged when they are not these any more."""
    before = _ids(smart_list.filters)
    _reorder(smart_list.filters, filter_ids)
    _keep_meaning(smart_list, before)
    touch(owner_of(smart_list), by=by, now=now)


@transaction.atomic
def duplicate_filter(row: SmartListFilter, *, by: Any, now: datetime) -> SmartListFilter:
    """Add a copy of a filter right after it."""
    copy = add_filter(row.smart_list, kind=row.kind, by=by, now=now, at=row.position + 1)
    SmartListFilter.objects.filter(pk=copy.pk).update(config=row.config)
    copy.refresh_from_db()
    return copy


@transaction.atomic
def delete_filter(row: SmartListFilter, *, by: Any, now: datetime) -> None:
    """Remove a filter. In an advanced rule a `?` is left in its place, to be mended."""
    smart_list = row.smart_list
    before = _ids(smart_list.filters)
    row.delete()
    _close_up(smart_list.filters)
    _keep_meaning(smart_list, before)
    touch(owner_of(smart_list), by=by, now=now)


@transaction.atomic
def set_match(smart_list: SmartList, *, match: str, rule: str, by: Any, now: datetime) -> None:
    """Choose ALL, ANY or advanced; an advanced rule that is empty begins as `1 and 2 and 3`."""
    if match == SmartList.Match.ADVANCED and not rule.strip():
        rule = logic.default(_count(smart_list.filters))
    SmartList.objects.filter(pk=smart_list.pk).update(
        match=match, logic=rule.strip().lower()[:2000]
    )
    touch(owner_of(smart_list), by=by, now=now)


def _keep_meaning(smart_list: SmartList, before: Sequence[int], *, added: int = 0) -> None:
    """Let an advanced rule name the same filters by their new numbers; a new filter joins with `and`."""
    advanced = SmartList.objects.filter(pk=smart_list.pk, match=SmartList.Match.ADVANCED)
    for written in advanced.exclude(logic="").values_list("logic", flat=True):
        after = _ids(smart_list.filters)
        rule = logic.renumber(written, before=before, after=after)
        if added:
            rule = f"({rule}) and {after.index(added) + 1}"
        advanced.update(logic=rule[:2000])


def _copy_list(original: SmartList) -> SmartList:
    copy = SmartList.objects.create(match=original.match, logic=original.logic)
    SmartListFilter.objects.bulk_create(
        SmartListFilter(smart_list=copy, kind=each.kind, position=each.position, config=each.config)
        for each in original.filters.all()
    )
    return copy


# --- Order ----------------------------------------------------------------------------------------


def _count(rows: Any) -> int:
    return int(rows.count())


def _place(rows: Any, pk: int, to: int | None) -> None:
    if to is None:
        return
    ids = [each for each in _ids(rows) if each != pk]
    ids.insert(max(0, to), pk)
    _write_order(rows, ids)


def _reorder(rows: Any, ids: Sequence[int]) -> None:
    if sorted(ids) != sorted(_ids(rows)):
        raise FlowChanged
    _write_order(rows, ids)


def _close_up(rows: Any) -> None:
    _write_order(rows, _ids(rows))


def _ids(rows: Any) -> list[int]:
    return list(rows.select_for_update().order_by("position", "pk").values_list("pk", flat=True))


def _write_order(rows: Any, ids: Sequence[int]) -> None:
    order = models.Case(
        *(models.When(pk=pk, then=models.Value(place)) for place, pk in enumerate(ids)),
        default=F("position"),
        output_field=models.PositiveIntegerField(),
    )
    rows.update(position=order)


def _note(step: FlowStep) -> None:
    """Keep the real foreign keys of what the step uses in step with its settings."""
    references.write_for_step(drafts.StepCard(FlowStep.objects.get(pk=step.pk), 0))
