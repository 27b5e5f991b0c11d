"""How cards are drawn: which stand open, how their fields look, what is said about things chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from django import forms
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from campaigns.drafts import ListCards, StepCard
from campaigns.registry import ConfigForm, Configurable, Registry
from vibes import working

from . import notes


class Configured(Protocol):
    """What has a form to be drawn."""

    @property
    def form(self) -> ConfigForm | None: ...

    @property
    def prefix(self) -> str: ...


@dataclass
class Shown:
    """A card as it is drawn now, one of `total`."""

    card: Any
    total: int
    is_open: bool

    @property
    def is_last(self) -> bool:
        return bool(self.card.number == self.total)


def show_steps(
    steps: list[StepCard], *, opened: Collection[str] = (), fresh: str = "", total: int = 0
) -> list[Shown]:
    """These cards of a flow of `total` (0: they are all): open are those asked for, and those not complete."""
    named = {f"step-{card.row.pk}": card for card in steps}
    shown = _show(named, opened, total=total)
    dress((each for one in shown if one.is_open for each in _inside(one.card)), fresh)
    return shown


def show_filters(
    cards: ListCards, *, opened: Collection[str] = (), fresh: str = "", only: str = ""
) -> list[Shown]:
    """The cards of a smart list (or `only` one)."""
    shown = _show({card.prefix: card for card in cards.cards}, opened, only=only)
    dress((one.card for one in shown if one.is_open), fresh)
    return shown


def show_triggers(cards: ListCards) -> list[Shown]:
    """The cards of a campaign's triggers: always open, for they have few settings or none."""
    dress(cards.triggers)
    return [Shown(card, len(cards.triggers), is_open=True) for card in cards.triggers]


def _show(
    named: Mapping[str, Any], opened: Collection[str], *, only: str = "", total: int = 0
) -> list[Shown]:
    return [
        Shown(card, total or len(named), name in opened or not card.is_valid)
        for name, card in named.items()
        if only in ("", name)
    ]


def _inside(card: StepCard) -> Iterable[Configured]:
    for branch in card.branches:
        yield branch
        yield from branch.condition.cards if branch.condition else ()


def _focus(form: forms.Form) -> None:
    for field in form.visible_fields()[:1]:
        field.field.widget.attrs["autofocus"] = True


def dress(configured: Iterable[Configured], fresh: str = "") -> None:
    """Give the widgets their looks, and say under each dropdown what is known of the thing chosen.

    The keyboard goes into the first field of the card with the prefix `fresh`.
    """
    bound = []
    for each in configured:
        if form := each.form:
            form.is_valid()
            bound.append(form)
            if each.prefix == fresh:
                _focus(form)
    known = notes.about(value for form in bound for value in form.cleaned_data.values())
    for form in bound:
        for name, field in form.fields.items():
            _dress(field, wrong=name in form.errors)
            value = form.cleaned_data.get(name)
            note = known.get((type(value), value.pk)) if isinstance(value, Model) else None
            if note:
                field.help_text = form[name].help_text = escape(note)


def _dress(field: forms.Field, *, wrong: bool) -> None:
    looks = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
    if isinstance(field.widget, forms.CheckboxInput):
        looks = "form-check-input"
    field.widget.attrs["class"] = f"{looks} is-invalid" if wrong else looks


# The groups that stand first in a palette; the others follow by name.
FIRST = [_("Triggers"), _("Mobile"), _("Person"), _("Membership")]


@dataclass(frozen=True)
class Palette:
    """What can be added, by group; and what is hidden until a Vibes service works, and why."""

    groups: list[tuple[str, list[Configurable[Any]]]]
    hidden: list[Configurable[Any]]
    why: str | Promise


def palette(*registries: Registry[Any], of: str = "list") -> Palette:
    """Everything that can be added; of filters those for a smart `list`, or for a `choice`."""
    found = [each for registry in registries for each in registry.everything()]
    every = [each for each in found if getattr(each, "stands", "") in ("", of)]
    there = working.is_there()
    offered = [each for each in sorted(every, key=_place) if there or not each.needs_vibes]
    groups = groupby(offered, key=lambda each: str(each.group))
    hidden = [each for each in every if each not in offered]
    return Palette(
        [(group, list(each)) for group, each in groups],
        hidden,
        working.obstacle() if hidden else "",
    )


def options(registry: Registry[Any], *, of: str) -> Any:
    """What can be added, as the entries of a menu; drawn once, and only where a card shows that menu."""
    template = "campaigns/cards/_options.html"
    return SimpleLazyObject(
        lambda: render_to_string(template, {"groups": palette(registry, of=of).groups})
    )


def _place(each: Configurable[Any]) -> int:
    return FIRST.index(each.group) if each.group in FIRST else len(FIRST)
