"""A draft in plain values, part by part, and back into rows.

A part is `list` (the smart list with its filters), `step-12` (a step with its choices and their conditions),
or `order` (the ids of the steps). Ids go with it, so that what comes back is the same card as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import drafts, order, references
from .models import Campaign, Choice, FlowStep, SmartList, SmartListFilter, SmartListTrigger
from .models.named_list import ListOwner

LIST, ORDER, FLOW, STEP = "list", "order", "flow", "step-"
Parts = dict[str, Any]


def read(owner: ListOwner, only: str = "") -> Parts:
    """The parts as they are stored now: all, the `list`, the `flow`, or one step (`step-12`)."""
    parts: Parts = {}
    if only in ("", LIST):
        parts[LIST] = _list(SmartList.objects.get(pk=owner.smart_list_id))
        if isinstance(owner, Campaign):
            parts[LIST] |= _triggers(owner)
    if isinstance(owner, Campaign) and only != LIST:
        rows = owner.steps.prefetch_related("choices__condition__filters")
        if only.startswith(STEP):
            rows = rows.filter(pk=only.removeprefix(STEP))
        parts |= {f"{STEP}{row.pk}": _step(row) for row in rows}
        if not only.startswith(STEP):
            parts[ORDER] = [row.pk for row in rows]
    return parts


def changes(before: Parts, after: Parts) -> tuple[Parts, Parts]:
    """The parts that differ, as they were and as they are; a part that is missing on one side is None there."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def write(owner: ListOwner, parts: Mapping[str, Any]) -> None:
    """Make these parts of the draft be so. What a step of it uses is noted anew."""
    if parts.get(LIST):
        _write_list(parts[LIST])
    if not isinstance(owner, Campaign):
        return
    steps = {name.removeprefix(STEP): each for name, each in parts.items() if name.startswith(STEP)}
    for pk, value in steps.items():
        if value is None:
            remove_step(FlowStep.objects.get(pk=pk))
        else:
            _write_step(owner, value)
    if parts.get(ORDER) is not None:
        order.write(owner.steps, parts[ORDER])


def stamps(parts: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(prefix of a card, stamp of its settings) of everything in these parts, as a page of cards names them."""
    lists = [parts[LIST]] if parts.get(LIST) else []
    steps = [each for name, each in parts.items() if name.startswith(STEP) and each]
    branches = [(STEP, each) for each in steps]
    for step in steps:
        branches += [("choice-", each) for each in step["choices"]]
        lists += [each["condition"] for each in step["choices"]]
    found = {
        (f"{prefix}{each['id']}", drafts.stamp(each["config"], does_nothing=each["does_nothing"]))
        for prefix, each in branches
    }
    for each in lists:
        joined = {"match": each["match"], "logic": each["logic"]}
        found.add((f"list-{each['id']}", drafts.stamp(joined)))
        found |= {(f"filter-{one['id']}", drafts.stamp(one["config"])) for one in each["filters"]}
        fired = each.get("triggers", ())
        found |= {(f"trigger-{one['id']}", drafts.stamp(one["config"])) for one in fired}
    return found


def remove_step(step: FlowStep) -> None:
    """Delete a step with its choices and their conditions."""
    conditions = [choice.condition_id for choice in step.choices.all()]
    step.delete()
    SmartList.objects.filter(pk__in=conditions).delete()


def _list(row: SmartList) -> dict[str, Any]:
    filters = [
        {"id": each.pk, "kind": each.kind, "config": each.config} for each in row.filters.all()
    ]
    return {"id": row.pk, "match": row.match, "logic": row.logic, "filters": filters}


def _triggers(owner: Campaign) -> dict[str, Any]:
    """Only where there are any: what was kept before there were, says the same."""
    rows = SmartListTrigger.objects.filter(smart_list=owner.smart_list_id)
    found = [{"id": each.pk, "kind": each.kind, "config": each.config} for each in rows]
    return {"triggers": found} if found else {}


def _step(row: FlowStep) -> dict[str, Any]:
    choices = [
        {**_settings(each), "condition": _list(each.condition)} for each in row.choices.all()
    ]
    return {**_settings(row), "kind": row.kind, "choices": choices}


def _settings(row: FlowStep | Choice) -> dict[str, Any]:
    return {"id": row.pk, "config": row.config, "does_nothing": row.does_nothing}


def _write_list(value: Mapping[str, Any]) -> None:
    joined = {"match": value["match"], "logic": value["logic"]}
    smart_list, _made = SmartList.objects.update_or_create(pk=value["id"], defaults=joined)
    _write_cards(SmartListFilter, smart_list, value["filters"])
    _write_cards(SmartListTrigger, smart_list, value.get("triggers", []))


def _write_cards(
    kind: type[SmartListFilter | SmartListTrigger],
    smart_list: SmartList,
    cards: Sequence[Mapping[str, Any]],
) -> None:
    kind._default_manager.filter(smart_list=smart_list).exclude(pk__in=_ids(cards)).delete()
    for position, each in enumerate(cards):
        fields = {"smart_list": smart_list, "kind": each["kind"], "config": each["config"]}
        kind._default_manager.update_or_create(
            pk=each["id"], defaults={**fields, "position": position}
        )


def _write_step(owner: Campaign, value: Mapping[str, Any]) -> None:
    fields = {"kind": value["kind"], "config": value["config"]}
    step, _made = FlowStep.objects.update_or_create(
        pk=value["id"],
        defaults={**fields, "does_nothing": value["does_nothing"], "campaign": owner},
        create_defaults={
            **fields,
            "does_nothing": value["does_nothing"],
            "campaign": owner,
            "position": owner.steps.count(),
        },
    )
    for choice in step.choices.exclude(pk__in=_ids(value["choices"])).select_related("condition"):
        choice.delete()
        choice.condition.delete()
    for position, each in enumerate(value["choices"]):
        _write_choice(step, each, position)
    references.write_for_step(drafts.StepCard(step, 0))


def _write_choice(step: FlowStep, value: Mapping[str, Any], position: int) -> None:
    _write_list(value["condition"])
    fields = {"config": value["config"], "does_nothing": value["does_nothing"]}
    Choice.objects.update_or_create(
        pk=value["id"],
        defaults={
            **fields,
            "step": step,
            "condition_id": value["condition"]["id"],
            "position": position,
        },
    )


def _ids(values: Iterable[Mapping[str, Any]]) -> list[int]:
    return [each["id"] for each in values]
