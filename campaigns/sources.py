"""Whom a single flow action is for: ticked people, or all of a list, kept by a run as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import Person, PersonQuerySet, StaticList

from . import audience, nesting, system_lists
from .content import list_from_json, list_to_json
from .models import NamedList


class NoSuchPeople(Exception):
    """There is no such list, or it cannot be asked; in words for the screen."""


@dataclass(frozen=True)
class Chosen:
    """Some people, found anew whenever they are asked for: by what (`kind`, `of`), and in words."""

    kind: str
    of: Any
    words: str

    @property
    def ids(self) -> list[int]:
        """Of people who were ticked, their ids; none of those whom a list finds."""
        return self.of if isinstance(self.of, list) else []

    def people(self, *, now: datetime) -> PersonQuerySet:
        """Those of them who are here now. Raises NoSuchPeople."""
        return _PEOPLE[self.kind](self.of, now).present()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(kept: Mapping[str, Any]) -> Chosen:
    """What `as_json` made."""
    return Chosen(**kept)


def written_down(chosen: Chosen) -> str:
    """Its words for what is kept: without those of a search, which may name somebody who is erased later."""
    is_search = chosen.kind in _TYPED and chosen.of
    return _("everybody found by a search") if is_search else chosen.words


def forgotten(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of it once nobody has to be found by it any more: the words. Nothing stays nothing."""
    return Chosen(_FORGOTTEN, None, written_down(from_json(kept))).as_json() if kept else {}


def ticked(person_ids: Iterable[int]) -> Chosen:
    """People chosen one by one."""
    ids = sorted(set(person_ids))
    words = ngettext("%d ticked person", "%d ticked people", len(ids)) % len(ids)
    return Chosen("ticked", ids, words)


def all_of(source: str) -> Chosen:
    """All of a list, as a page names it: `static_list:3`, `smart_list:5`, `system_list:block-list`,
    `search:ana`. A smart list's rule is kept as it stands now. Raises NoSuchPeople.
    """
    kind, _colon, of = source.partition(":")
    if kind not in _CHOOSE:
        raise NoSuchPeople(_("There is no such list."))
    return _CHOOSE[kind](of)


def _choose_static(of: str) -> Chosen:
    found = StaticList.objects.filter(pk=_number(of)).first()
    if found is None:
        raise NoSuchPeople(_("There is no such list."))
    return Chosen("static_list", found.pk, _("everybody on the static list “%s”") % found)


def _choose_smart(of: str) -> Chosen:
    named = NamedList.objects.present().select_related("node").filter(pk=_number(of)).first()
    if named is None:
        raise NoSuchPeople(_("There is no such list."))
    try:
        rule = nesting.read(named).rule
    except nesting.CannotNest as refused:
        raise NoSuchPeople(str(refused)) from refused
    words = _("everybody whom the smart list “%s” finds") % named
    return Chosen("smart_list", list_to_json(rule), words)


def _choose_system(of: str) -> Chosen:
    return Chosen("system_list", of, _("everybody in “%s”") % _system(of))


def _choose_search(of: str) -> Chosen:
    words = _("everybody found by “%s”") % of if of else _("everybody in the database")
    return Chosen("search", of[:100], words)


def _on_static(pk: int) -> PersonQuerySet:
    """A list that was deleted since is not an empty one."""
    if not StaticList.objects.filter(pk=pk).exists():
        raise NoSuchPeople(_("There is no such list."))
    return Person.objects.filter(static_lists=pk)


def _nobody(of: Any, now: datetime) -> PersonQuerySet:
    raise NoSuchPeople(_("Whom this was for is not kept: it is over."))


def _system(word: str) -> system_lists.SystemList:
    try:
        return system_lists.get(word)
    except KeyError as gone:
        raise NoSuchPeople(_("There is no such list.")) from gone


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


_FORGOTTEN = "forgotten"
_TYPED = frozenset({"search"})  # those whose `of` is what somebody typed
_CHOOSE: dict[str, Callable[[str], Chosen]] = {
    "static_list": _choose_static,
    "smart_list": _choose_smart,
    "system_list": _choose_system,
    "search": _choose_search,
}
_PEOPLE: dict[str, Callable[[Any, datetime], PersonQuerySet]] = {
    "ticked": lambda ids, now: Person.objects.standing_for(ids),
    "static_list": lambda pk, now: _on_static(pk),
    "smart_list": lambda rule, now: audience.people(list_from_json(rule), now=now),
    "system_list": lambda word, now: _system(word).people(),
    _FORGOTTEN: _nobody,
    "search": lambda words, now: Person.objects.search(words) if words else Person.objects.all(),
}
