"""Smart list → people, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import and_, or_

from django.db.models import Count, Q

from people.models import Person, PersonQuerySet

from . import logic
from .content import FilterSpec, ListSpec
from .registry import filters


def people(smart_list: ListSpec, *, now: datetime) -> PersonQuerySet:
    """Everybody present whom the smart list finds. Without filters: nobody, never everybody."""
    return Person.objects.present().filter(condition(smart_list, now=now))


def condition(smart_list: ListSpec, *, now: datetime) -> Q:
    """The smart list as one condition on a person."""
    each = [_q(spec, now) for spec in smart_list.filters]
    return join(each, match=smart_list.match, rule=smart_list.logic)


def join(each: Sequence[Q], *, match: str, rule: str) -> Q:
    """The conditions of filters as one. Without any: nobody. `rule` counts only with advanced logic."""
    if not each:
        return Q(pk__in=[])
    match match:
        case "any":
            return reduce(or_, each)
        case "advanced":
            return logic.join(rule, each)
    return reduce(and_, each)


def _q(spec: FilterSpec, now: datetime) -> Q:
    filter_type = filters.get(spec.kind)
    return filter_type.q(filter_type.thaw(spec.config), now=now)


def counts(conditions: Mapping[str, Q]) -> dict[str, int]:
    """How many people each condition finds, by the same names: one statement for all."""
    each = {name: Count("pk", filter=one) for name, one in conditions.items()}
    return Person.objects.present().aggregate(**each) if each else {}
