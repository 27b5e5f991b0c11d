"""Which campaigns are invalid by what their cards name, without reading each card's form: for the tree.

The whole truth is `drafts.read(campaign).problems`, a campaign at a time. Here it is asked of many at once
whether what is chosen in the dropdowns is still offered there, and whether one that must be chosen is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from . import naming
from .models import Choice, FlowStep, SmartListFilter, SmartListTrigger
from .naming import Card
from .registry import UnknownKind


class Chosen(NamedTuple):
    """What a campaign has chosen in a dropdown (0: nothing), of what there is."""

    campaign: int
    offered: str  # the key of a queryset
    pk: int
    is_required: bool


def among(campaigns: Collection[int]) -> set[int]:
    """Those of the campaigns (ids) that are invalid: as many queries for a thousand as for one."""
    querysets: dict[str, QuerySet[Any]] = {}
    wrong: set[int] = set()
    chosen: list[Chosen] = []
    for campaign, card in _cards(campaigns) if campaigns else ():
        try:
            chosen += _chosen(campaign, card, querysets)
        except UnknownKind:
            wrong.add(campaign)
    there = _there(chosen, querysets)
    for each in chosen:
        if each.pk not in there[each.offered] if each.pk else each.is_required:
            wrong.add(each.campaign)
    return wrong


def _cards(campaigns: Collection[int]) -> Iterator[tuple[int, Card]]:
    does = {"does_nothing": False}
    steps = FlowStep.objects.filter(campaign__among=campaigns, **does)
    for campaign, kind, config in steps.values_list("campaign", "kind", "config"):
        yield campaign, naming.step(kind, config)
    choices = Choice.objects.filter(step__campaign__among=campaigns, **does)
    for campaign, kind, config in choices.values_list("step__campaign", "step__kind", "config"):
        yield campaign, naming.step(kind, config)
    for owner in ("campaign", "choice__step__campaign"):
        owned = f"smart_list__{owner}"
        filters = SmartListFilter.objects.filter(**{f"{owned}__id__among": campaigns})
        for campaign, kind, config in filters.order_by().values_list(owned, "kind", "config"):
            yield campaign, naming.filter_(kind, config)
    fired = SmartListTrigger.objects.filter(smart_list__campaign__id__among=campaigns)
    rows = fired.order_by().values_list("smart_list__campaign", "kind", "config")
    for campaign, kind, config in rows:
        yield campaign, naming.trigger(kind, config)


def _chosen(campaign: int, card: Card, querysets: dict[str, QuerySet[Any]]) -> Iterator[Chosen]:
    registry, kind, config = card
    for name, field in naming.dropdowns(registry.get(kind)).items():
        queryset: QuerySet[Any] = field.queryset  # type: ignore[assignment]
        key = _key(queryset)
        querysets[key] = queryset
        yield Chosen(campaign, key, naming.number(config.get(name)), bool(field.required))


def _key(queryset: QuerySet[Any]) -> str:
    try:
        return str(queryset.query)
    except EmptyResultSet:
        return ""


def _there(
    chosen: Collection[Chosen], querysets: Mapping[str, QuerySet[Any]]
) -> dict[str, set[int]]:
    """Of each queryset the ids that were chosen and are in it: a query each, and there are few."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for each in chosen:
        if each.pk:
            wanted[each.offered].add(each.pk)
    return {
        key: set(querysets[key].order_by().filter(pk__among=pks).values_list("pk", flat=True))
        for key, pks in wanted.items()
    }
