"""Which campaigns request which: read from what is published, level by level, a statement each."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import OuterRef, Subquery

from . import content
from .models import Campaign, FlowVersion
from .registry import UnknownKind, steps

FURTHEST = 10  # requests in a row that are looked at


def way_back(start: Collection[int], *, to: int) -> list[Campaign]:
    """The campaigns through which requests come from `start` to one of them (ids); empty where they do not.

    The shortest way there is; what is only drafted elsewhere does not count.
    """
    came_from: dict[int, int] = dict.fromkeys(start, 0)
    level = {*start} - {to}
    for _level in range(FURTHEST):
        following: set[int] = set()
        for campaign, asked in _requested_by(level).items():
            if to in asked:
                return _named(_back(came_from, campaign))
            for each in asked - came_from.keys():
                came_from[each] = campaign
                following.add(each)
        level = following
        if not level:
            break
    return []


def _requested_by(campaigns: Collection[int]) -> dict[int, set[int]]:
    newest = FlowVersion.objects.filter(campaign=OuterRef("campaign")).order_by("-number")
    versions = FlowVersion.objects.filter(campaign__in=campaigns)
    versions = versions.filter(pk=Subquery(newest.values("pk")[:1])).order_by("campaign")
    return {each.campaign_id: _requests(each) for each in versions}


def _requests(version: FlowVersion) -> set[int]:
    found: set[int] = set()
    for step in content.from_json(version.content).steps:
        try:
            step_type = steps.get(step.kind)
        except UnknownKind:
            continue
        for branch in step.branches:
            found |= set() if branch.does_nothing else step_type.requests(branch.config)
    return found


def _back(came_from: dict[int, int], last: int) -> list[int]:
    way = [last]
    while before := came_from[way[0]]:
        way.insert(0, before)
    return way


def _named(way: list[int]) -> list[Campaign]:
    found = Campaign.objects.select_related("node").in_bulk(way)
    return [found[pk] for pk in way]
