"""A smart list inside another: its rule is read whole, and kept whole; rings and towers are refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from . import logic
from .content import FilterSpec, ListSpec, list_from_json
from .models import NamedList, SmartList, SmartListFilter
from .options import Options
from .registry import FilterType, UnknownKind, filters

DEEPEST = 5  # smart lists one in another
WIDEST = 200  # filters in all, however often a list is asked for


class CannotNest(Exception):
    """Why a smart list cannot be used inside another, in words for its card."""


@dataclass(frozen=True)
class Nested:
    """A smart list as another one holds it: which it is, its name, and its rule as it stood then."""

    id: int
    name: str
    rule: ListSpec

    def __str__(self) -> str:
        return self.name


def read(named: NamedList) -> Nested:
    """The list with everything it asks, as it stands now. Raises CannotNest."""
    _refuse_rings(named)
    return Nested(named.pk, named.node.name, _rule(named))


def every_filter(rule: ListSpec) -> Iterator[FilterSpec]:
    """The filters of a rule and of the rules inside it."""
    for each in rule.filters:
        yield each
        inner = _inner(each)
        if inner:
            yield from every_filter(inner)


def _inner(spec: FilterSpec) -> ListSpec | None:
    try:
        rule = filters.get(spec.kind).inner(spec.config)
    except UnknownKind:
        return None
    return list_from_json(rule) if rule else None


# --- Which list asks for which ----------------------------------------------------------------------


@dataclass
class _Asked:
    """What some lists ask for: by list, the lists inside it; and how many filters it has."""

    lists: dict[int, list[int]]
    sizes: dict[int, int]


def _refuse_rings(named: NamedList) -> None:
    """Raises CannotNest. A statement a level, none for a person."""
    asked, level = _Asked({}, {}), {named.pk}
    for _level in range(DEEPEST + 1):
        _look(level, asked)
        level = {each for pk in level for each in asked.lists[pk]} - asked.lists.keys()
        if not level:
            break
    _walk(asked, (named.pk,), [0])


def _look(level: Iterable[int], asked: _Asked) -> None:
    fields = {each.kind: each.nests for each in filters.all() if each.nests}
    rows = SmartListFilter.objects.filter(smart_list__named__in=level)
    inside: dict[int, list[int]] = defaultdict(list)
    for pk, kind, config in rows.values_list("smart_list__named", "kind", "config"):
        asked.sizes[pk] = asked.sizes.get(pk, 0) + 1
        chosen = str(config.get(fields.get(kind, ""), ""))
        if chosen.isdecimal():
            inside[pk].append(int(chosen))
    asked.lists.update({pk: inside[pk] for pk in level})


def _walk(asked: _Asked, way: tuple[int, ...], count: list[int]) -> None:
    """Go down every way there is; `count` is of the filters met so far."""
    here = way[-1]
    count[0] += asked.sizes.get(here, 0)
    if here in way[:-1]:
        raise CannotNest(_("This goes in a ring: %s.") % _names(way[way.index(here) :]))
    if len(way) > DEEPEST:
        words = _("Smart lists can be at most %(depth)d deep in one another: %(way)s.")
        raise CannotNest(words % {"depth": DEEPEST, "way": _names(way)})
    if count[0] > WIDEST:
        words = _("That would be more than %(most)d filters, with those of the lists inside it.")
        raise CannotNest(words % {"most": WIDEST})
    for each in asked.lists.get(here, ()):
        _walk(asked, (*way, each), count)


def _names(way: Iterable[int]) -> str:
    names = dict(NamedList.objects.filter(pk__in={*way}).values_list("pk", "node__name"))
    return " → ".join(f"“{names.get(pk, '?')}”" for pk in way)


# --- The rule ---------------------------------------------------------------------------------------


def _rule(named: NamedList) -> ListSpec:
    smart_list, options = named.smart_list, Options()
    rows = list(smart_list.filters.all())
    if not rows:
        raise CannotNest(_("“%s” has no filter yet.") % named)
    specs = [_spec(named, row, number, options) for number, row in enumerate(rows, 1)]
    if smart_list.match == SmartList.Match.ADVANCED:
        _refuse_bad_logic(named, len(rows))
    return ListSpec(smart_list.match, smart_list.logic, tuple(specs))


def _refuse_bad_logic(named: NamedList, count: int) -> None:
    try:
        logic.join(named.smart_list.logic, [Q(pk=number) for number in range(count)])
    except logic.LogicError as wrong:
        raise CannotNest(_incomplete(named, str(wrong))) from wrong


def _spec(named: NamedList, row: SmartListFilter, number: int, options: Options) -> FilterSpec:
    kind = _type(named, row)
    form = options.lend_to(kind.form(row.config))
    for errors in form.errors.values():
        raise CannotNest(_incomplete(named, f"{number}. {kind.label}: {errors[0]}"))
    return FilterSpec(row.kind, kind.freeze(kind.params(form)))


def _type(named: NamedList, row: SmartListFilter) -> FilterType[object]:
    try:
        kind: FilterType[object] = filters.get(row.kind)
    except UnknownKind as gone:
        raise CannotNest(_incomplete(named, row.kind)) from gone
    if not kind.nestable:
        words = _("“%(list)s” has the filter %(filter)s, which cannot stand inside another list.")
        raise CannotNest(words % {"list": named, "filter": kind.label})
    return kind


def _incomplete(named: NamedList, why: str) -> str:
    return _("“%(list)s” is not complete: %(why)s") % {"list": named, "why": why}
