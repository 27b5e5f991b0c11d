"""Smart list → people, in one statement.

Every filter is one two-valued condition on a person; logic joins them in SQL. Nobody's id is ever
listed, and nobody is asked about alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, Q, Value
from django.utils.translation import gettext as _

from people.models import Person, PersonQuerySet

from . import logic, lots
from .content import FilterSpec, ListSpec, StepSpec
from .registry import FilterType, UnknownKind, filters

DEEPEST = 5  # smart lists within one another
_within: ContextVar[tuple[int, ...]] = ContextVar("smart lists we are within", default=())


class NotAsked(ValueError):
    """Why this smart list cannot be asked, in words for the screen."""


def people(smart_list: ListSpec, *, now: datetime) -> PersonQuerySet:
    """Everybody present whom the smart list finds. Without filters: nobody, never everybody.

    Raises what `condition` raises.
    """
    return Person.objects.present().filter(condition(smart_list, now=now))


def entitled(smart_list: ListSpec, *, now: datetime) -> PersonQuerySet:
    """Everybody present whom a trigger may take in: without filters everybody, since the event chooses.

    Raises what `condition` raises.
    """
    present = Person.objects.present()
    return present.filter(condition(smart_list, now=now)) if smart_list.filters else present


def condition(smart_list: ListSpec, *, now: datetime) -> Q:
    """The smart list as one condition on a person.

    Raises NotAsked; UnknownKind, or DoesNotExist, where something it asks about is gone; LogicError.
    """
    each = [_q(spec, now) for spec in smart_list.filters]
    return join(each, match=smart_list.match, rule=smart_list.logic)


def choices(step: StepSpec, *, now: datetime) -> list[Q]:
    """The conditions of a step's choices as they are tried, shares by lot one after the other.

    Raises what `condition` raises.
    """
    found, taken = [], Decimal(0)
    for branch in step.branches[:-1]:
        assert branch.condition is not None  # only the default has none, and it stands last
        with lots.drawn_for(step.id, after=taken):
            found.append(condition(branch.condition, now=now))
        taken += sum(filters.get(each.kind).share(each.config) for each in branch.condition.filters)
    return found


def obstacle(smart_list: ListSpec, *, now: datetime) -> str:
    """Why a smart list that was published cannot be asked any more, in words; empty when it can."""
    for number, spec in enumerate(smart_list.filters, 1):
        try:
            _q(spec, now)
        except (NotAsked, UnknownKind) as why:
            return f"{number}. {why}"
        except ObjectDoesNotExist:
            said = _("%(number)d. What the filter “%(filter)s” names was deleted.")
            return said % {"number": number, "filter": filters.get(spec.kind).label}
    return ""


@contextmanager
def nested(smart_list_id: int) -> Iterator[None]:
    """Within it, conditions are of a smart list that another one asks about.

    For a filter *Member of Smart List*, in `q`: raises NotAsked where that goes round in a circle, or
    too deep.
    """
    around = _within.get()
    if smart_list_id in around:
        raise NotAsked(_("The smart lists ask about each other in a circle."))
    if len(around) >= DEEPEST:
        said = _("Smart lists are nested more than %(most)d deep.")
        raise NotAsked(said % {"most": DEEPEST})
    token = _within.set((*around, smart_list_id))
    try:
        yield
    finally:
        _within.reset(token)


def join(each: Sequence[Q], *, match: str, rule: str) -> Q:
    """The conditions of filters as one. Without any: nobody. `rule` counts only with advanced logic."""
    if not each:
        return Q(pk__in=[])
    if match == "advanced":
        return logic.join(rule, each)
    return Q(*each, _connector=Q.OR if match == "any" else Q.AND)


def _q(spec: FilterSpec, now: datetime) -> Q:
    filter_type = filters.get(spec.kind)
    _refuse_nesting(filter_type)
    return filter_type.q(filter_type.thaw(spec.config), now=now)


def _refuse_nesting(filter_type: FilterType[object]) -> None:
    if _within.get() and not filter_type.nestable:
        said = _("A smart list with %(filter)s cannot be asked from within another one.")
        raise NotAsked(said % {"filter": filter_type.label})


def counts(conditions: Mapping[str, Q], *, among: PersonQuerySet | None = None) -> dict[str, int]:
    """How many people (of these) each condition finds, by the same names: one statement for all.

    Each is planned by itself: so what happened to people is joined with them once, and not looked up
    for each person.
    """
    if not conditions:
        return {}
    people = Person.objects.all() if among is None else among
    present = people.present().order_by()
    each = [
        present.filter(one).values(name=Value(name)).annotate(found=Count("pk"))
        for name, one in conditions.items()
    ]
    first, *rest = (arm.values_list("name", "found") for arm in each)
    return dict.fromkeys(conditions, 0) | dict(first.union(*rest, all=True) if rest else first)
