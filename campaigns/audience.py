"""Smart list → people, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
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
    if not each:
        return Q(pk__in=[])
    match smart_list.match:
        case "any":
            return reduce(or_, each)
        case "advanced":
            return logic.join(smart_list.logic, each)
    return reduce(and_, each)


def _q(spec: FilterSpec, now: datetime) -> Q:
    filter_type = filters.get(spec.kind)
    return filter_type.q(filter_type.thaw(spec.config), now=now)


def counts(lists: Mapping[str, ListSpec], *, now: datetime) -> dict[str, int]:
    """How many people each of these smart lists finds, by the same names: one statement for all."""
    each = {name: Count("pk", filter=condition(one, now=now)) for name, one in lists.items()}
    return Person.objects.present().aggregate(**each) if each else {}
