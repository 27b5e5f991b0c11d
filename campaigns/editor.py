"""Every way a flow or a smart list is edited. Each edit is saved at once, and kept so that it can be undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from . import drafts, history, logic, order, references, snapshot
from .history import Deed
from .models import (
    Campaign,
    Choice,
    FlowStep,
    NamedList,
    SmartList,
    SmartListFilter,
    SmartListTrigger,
)
from .models.named_list import ListOwner
from .options import Options
from .order import OrderChanged
from .registry import filters, steps, triggers


class FlowChanged(Exception):
    """Somebody else added or removed a card meanwhile: show what is there now."""


# --- Steps ----------------------------------------------------------------------------------------


def add_step(
    campaign: Campaign, *, kind: str, by: Any, now: datetime, at: int | None = None
) -> FlowStep:
    """Add a step of this kind, at a place (0-based) or at the end. Raises UnknownKind."""
    step_type = steps.get(kind)
    with history.recorded(
        campaign, Deed.ADD, str(step_type.label), by=by, now=now, only=snapshot.FLOW
    ):
        row = _new_step(campaign, kind, step_type.starting(), at)
    row.refresh_from_db(fields=["position"])
    return row


def move_step(step: FlowStep, *, to: int, by: Any, now: datetime) -> None:
    """Bring a step to a place (0-based; beyond the end means the end)."""
    with _flow(step, Deed.MOVE, by=by, now=now):
        order.place(step.campaign.steps, step.pk, to)


def reorder_steps(
    campaign: Campaign, *, step_ids: Sequence[int], by: Any, now: datetime, moved: int = 0
) -> None:
    """Bring the steps into this order, as `moved` was dragged. Raises FlowChanged when these are not all."""
    row = campaign.steps.filter(pk=moved).first()
    deed, name = (Deed.MOVE, _name_of(row)) if row else (Deed.REORDER, "")
    with (
        _as_changed(),
        history.recorded(campaign, deed, name, by=by, now=now, only=snapshot.FLOW),
    ):
        order.reorder(campaign.steps, step_ids)


def duplicate_step(step: FlowStep, *, by: Any, now: datetime) -> FlowStep:
    """Add a copy of a step, choices and all, right after it."""
    with _flow(step, Deed.DUPLICATE, by=by, now=now):
        copy = _new_step(step.campaign, step.kind, step.config, step.position + 1)
        FlowStep.objects.filter(pk=copy.pk).update(does_nothing=step.does_nothing)
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


def delete_step(step: FlowStep, *, by: Any, now: datetime) -> None:
    """Remove a step from the draft. People in older versions are not touched."""
    campaign = step.campaign
    with _flow(step, Deed.DELETE, by=by, now=now):
        snapshot.remove_step(step)
        order.close_up(campaign.steps)


def configure_step(
    step: FlowStep, config: Mapping[str, Any], *, does_nothing: bool, by: Any, now: datetime
) -> None:
    """Keep what the default branch of a card holds, complete or not."""
    with _in_step(step, Deed.CHANGE, by=by, now=now, subject=_fields(step, config, does_nothing)):
        FlowStep.objects.filter(pk=step.pk).update(config=dict(config), does_nothing=does_nothing)
        step.refresh_from_db()
        _note(step)


# --- Choices --------------------------------------------------------------------------------------


def add_choice(step: FlowStep, *, by: Any, now: datetime) -> Choice:
    """Add a choice before the default, with the default's settings to begin with."""
    with _in_step(step, Deed.ADD_CHOICE, by=by, now=now):
        choice = Choice.objects.create(
            step=step,
            position=step.choices.count(),
            condition=SmartList.objects.create(),
            config=step.config,
        )
        _note(step)
    return choice


def configure_choice(
    choice: Choice, config: Mapping[str, Any], *, does_nothing: bool, by: Any, now: datetime
) -> None:
    """Keep what a choice's branch holds, complete or not."""
    subject = _fields(choice, config, does_nothing)
    with _in_step(choice.step, Deed.CHANGE, by=by, now=now, subject=subject):
        Choice.objects.filter(pk=choice.pk).update(config=dict(config), does_nothing=does_nothing)
        _note(choice.step)


def move_choice(choice: Choice, *, to: int, by: Any, now: datetime) -> None:
    """Try a choice earlier or later: first match wins."""
    with _in_step(choice.step, Deed.MOVE_CHOICE, by=by, now=now):
        order.place(choice.step.choices, choice.pk, to)


def delete_choice(choice: Choice, *, by: Any, now: datetime) -> None:
    """Remove a choice and its condition."""
    step, condition = choice.step, choice.condition
    with _in_step(step, Deed.DELETE_CHOICE, by=by, now=now):
        choice.delete()
        condition.delete()
        order.close_up(step.choices)
        _note(step)


# --- Triggers -------------------------------------------------------------------------------------


def add_trigger(campaign: Campaign, *, kind: str, by: Any, now: datetime) -> SmartListTrigger:
    """Add a trigger of this kind: with the first the campaign is triggered. Raises UnknownKind."""
    trigger_type, smart_list = triggers.get(kind), campaign.smart_list
    with _in_list(smart_list, Deed.ADD, str(trigger_type.label), by=by, now=now):
        return SmartListTrigger.objects.create(
            smart_list=smart_list,
            kind=kind,
            position=smart_list.triggers.count(),
            config=trigger_type.starting(),
        )


def configure_trigger(
    row: SmartListTrigger, config: Mapping[str, Any], *, by: Any, now: datetime
) -> None:
    """Keep what a trigger card holds, complete or not."""
    label, subject = drafts.trigger_type(row.kind).label, _fields(row, config)
    with _in_list(row.smart_list, Deed.CHANGE, str(label), by=by, now=now, subject=subject):
        SmartListTrigger.objects.filter(pk=row.pk).update(config=dict(config))


def delete_trigger(row: SmartListTrigger, *, by: Any, now: datetime) -> None:
    """Remove a trigger: without any the campaign is a batch campaign again."""
    smart_list = row.smart_list
    with _in_list(smart_list, Deed.DELETE, _name_of(row), by=by, now=now):
        row.delete()
        order.close_up(smart_list.triggers)


# --- Smart lists (a campaign's, a choice's condition, or one that stands alone) ----------------------


def owner_of(smart_list: SmartList) -> ListOwner:
    """What a smart list belongs to: a campaign, directly or through a choice, or itself in the tree."""
    return _place_of(smart_list)[0]


def add_filter(
    smart_list: SmartList, *, kind: str, by: Any, now: datetime, at: int | None = None
) -> SmartListFilter:
    """Add a filter of this kind, at a place (0-based) or at the end. Raises UnknownKind."""
    filter_type = filters.get(kind)
    with _in_list(smart_list, Deed.ADD, str(filter_type.label), by=by, now=now):
        row = _new_filter(smart_list, kind, filter_type.starting(), at)
    row.refresh_from_db(fields=["position"])
    return row


def configure_filter(
    row: SmartListFilter, config: Mapping[str, Any], *, by: Any, now: datetime
) -> None:
    """Keep what a filter card holds, complete or not."""
    label, subject = drafts.filter_type(row.kind).label, _fields(row, config)
    with _in_list(row.smart_list, Deed.CHANGE, str(label), by=by, now=now, subject=subject):
        SmartListFilter.objects.filter(pk=row.pk).update(config=dict(config))


def move_filter(row: SmartListFilter, *, to: int, by: Any, now: datetime) -> None:
    """Bring a filter to a place (0-based)."""
    smart_list = row.smart_list
    with _in_list(smart_list, Deed.MOVE, _name_of(row), by=by, now=now):
        before = order.ids(smart_list.filters)
        order.place(smart_list.filters, row.pk, to)
        _keep_meaning(smart_list, before)


def reorder_filters(
    smart_list: SmartList, *, filter_ids: Sequence[int], by: Any, now: datetime, moved: int = 0
) -> None:
    """Bring the filters into this order, as `moved` was dragged. Raises FlowChanged when these are not all."""
    row = smart_list.filters.filter(pk=moved).first()
    deed, name = (Deed.MOVE, _name_of(row)) if row else (Deed.REORDER, "")
    with _as_changed(), _in_list(smart_list, deed, name, by=by, now=now):
        before = order.ids(smart_list.filters)
        order.reorder(smart_list.filters, filter_ids)
        _keep_meaning(smart_list, before)


def duplicate_filter(row: SmartListFilter, *, by: Any, now: datetime) -> SmartListFilter:
    """Add a copy of a filter right after it."""
    with _in_list(row.smart_list, Deed.DUPLICATE, _name_of(row), by=by, now=now):
        copy = _new_filter(row.smart_list, row.kind, row.config, row.position + 1)
    copy.refresh_from_db()
    return copy


def delete_filter(row: SmartListFilter, *, by: Any, now: datetime) -> None:
    """Remove a filter. In an advanced rule a `?` is left in its place, to be mended."""
    smart_list = row.smart_list
    with _in_list(smart_list, Deed.DELETE, _name_of(row), by=by, now=now):
        before = order.ids(smart_list.filters)
        row.delete()
        order.close_up(smart_list.filters)
        _keep_meaning(smart_list, before)


def set_match(smart_list: SmartList, *, match: str, rule: str, by: Any, now: datetime) -> None:
    """Choose ALL, ANY or advanced; an advanced rule that is empty begins as `1 and 2 and 3`."""
    if match == SmartList.Match.ADVANCED and not rule.strip():
        rule = logic.default(smart_list.filters.count())
    with _in_list(smart_list, Deed.RULE, "", by=by, now=now, subject=f"rule-{smart_list.pk}"):
        SmartList.objects.filter(pk=smart_list.pk).update(
            match=match, logic=rule.strip().lower()[:2000]
        )


def _new_filter(
    smart_list: SmartList, kind: str, config: Mapping[str, Any], at: int | None
) -> SmartListFilter:
    before = order.ids(smart_list.filters)
    row = SmartListFilter.objects.create(
        smart_list=smart_list, kind=kind, config=dict(config), position=len(before)
    )
    order.place(smart_list.filters, row.pk, at)
    _keep_meaning(smart_list, before, added=row.pk)
    return row


def _keep_meaning(smart_list: SmartList, before: Sequence[int], *, added: int = 0) -> None:
    """Let an advanced rule name the same filters by their new numbers; a new filter joins with `and`."""
    advanced = SmartList.objects.filter(pk=smart_list.pk, match=SmartList.Match.ADVANCED)
    for written in advanced.exclude(logic="").values_list("logic", flat=True):
        after = order.ids(smart_list.filters)
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


# --- What is kept of an edit ------------------------------------------------------------------------


@contextmanager
def _flow(step: FlowStep, deed: str, *, by: Any, now: datetime) -> Iterator[None]:
    """Within, the steps of its flow are edited."""
    with history.recorded(step.campaign, deed, _name_of(step), by=by, now=now, only=snapshot.FLOW):
        yield


@contextmanager
def _in_step(
    step: FlowStep, deed: str, *, by: Any, now: datetime, subject: str = ""
) -> Iterator[None]:
    """Within, this step is edited."""
    name, only = str(drafts.step_type(step.kind).label), f"{snapshot.STEP}{step.pk}"
    with history.recorded(step.campaign, deed, name, by=by, now=now, only=only, subject=subject):
        yield


@contextmanager
def _in_list(
    smart_list: SmartList, deed: str, name: str, *, by: Any, now: datetime, subject: str = ""
) -> Iterator[None]:
    """Within, this smart list is edited."""
    owner, only = _place_of(smart_list)
    with history.recorded(owner, deed, name, by=by, now=now, only=only, subject=subject):
        yield


@contextmanager
def _as_changed() -> Iterator[None]:
    try:
        yield
    except OrderChanged:
        raise FlowChanged from None


def _place_of(smart_list: SmartList) -> tuple[ListOwner, str]:
    """What a smart list belongs to, and the part of its draft that it is in."""
    choice = Choice.objects.filter(condition=smart_list).select_related("step__campaign").first()
    if choice:
        return choice.step.campaign, f"{snapshot.STEP}{choice.step_id}"
    campaign = Campaign.objects.filter(smart_list=smart_list).first()
    return campaign or NamedList.objects.get(smart_list=smart_list), snapshot.LIST


def _name_of(row: FlowStep | SmartListFilter | SmartListTrigger) -> str:
    """As its folded card says it; a trigger by its label."""
    if isinstance(row, SmartListTrigger):
        return str(drafts.trigger_type(row.kind).label)
    if isinstance(row, FlowStep):
        return drafts.StepCard(row, 0).summary
    return drafts.FilterCard(row, 0, Options()).summary


def _fields(
    row: FlowStep | Choice | SmartListFilter | SmartListTrigger,
    config: Mapping[str, Any],
    does_nothing: bool = False,
) -> str:
    """Which card, and which of its fields these settings change."""
    names = {name for name in {**row.config, **config} if row.config.get(name) != config.get(name)}
    if does_nothing != getattr(row, "does_nothing", False):
        names.add("nothing")
    return f"{row._meta.model_name}-{row.pk}:{','.join(sorted(names))}"


def _new_step(campaign: Campaign, kind: str, config: Mapping[str, Any], at: int | None) -> FlowStep:
    row = FlowStep.objects.create(
        campaign=campaign, kind=kind, config=dict(config), position=campaign.steps.count()
    )
    order.place(campaign.steps, row.pk, at)
    return row


def _note(step: FlowStep) -> None:
    """Keep the real foreign keys of what the step uses in step with its settings."""
    references.write_for_step(drafts.StepCard(FlowStep.objects.get(pk=step.pk), 0))
