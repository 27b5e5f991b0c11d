"""What is wrong with a draft, in words: card by card, each with the place that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _

from .registry import ConfigForm

if TYPE_CHECKING:
    from .drafts import BranchCard, FilterCard, ListCards, StepCard


@dataclass(frozen=True)
class Problem:
    """What keeps a campaign from running: in words, and the anchor of the place that mends it."""

    words: str
    tab: str  # smart-list or flow
    anchor: str = ""


class Fault(NamedTuple):
    """What is wrong in a card, in words, and the id of the field in which; empty where no field is to blame."""

    words: str
    field: str = ""


def of_form(form: ConfigForm) -> list[Fault]:
    """What is wrong in a form, field by field."""
    return [
        _fault(form, name, str(error)) for name, errors in form.errors.items() for error in errors
    ]


def _fault(form: ConfigForm, name: str, words: str) -> Fault:
    if name not in form.fields:
        return Fault(words)
    return Fault(f"{form.fields[name].label}: {words}", form[name].id_for_label)


def of_list(cards: ListCards) -> list[Problem]:
    """What keeps a smart list, or the triggers above it, from finding anybody."""
    if not cards.cards and not cards.triggers:
        words = _("The smart list is empty: add a filter, so that it is known whom to take.")
        return [Problem(words, "smart-list")]
    found = [
        Problem(f"{card.type.label}: {error}", "smart-list", card.prefix)
        for card in cards.triggers
        for error in card.errors
    ]
    found += [
        _problem(card, fault, "smart-list", f"filter-{card.row.pk}")
        for card in cards.cards
        for fault in card.errors
    ]
    if cards.logic_error:
        found.append(Problem(cards.logic_error, "smart-list", "smart-list-logic"))
    return found


def of_flow(cards: Sequence[StepCard]) -> list[Problem]:
    """What keeps a flow from being published."""
    if not cards:
        return [Problem(_("The flow is empty: drag a step onto it."), "flow")]
    return [
        _problem(card, fault, "flow", f"step-{card.row.pk}")
        for card in cards
        for fault in _step_errors(card)
    ]


def _problem(card: FilterCard | StepCard, fault: Fault, tab: str, place: str) -> Problem:
    """The keyboard goes into the field, where there is one: browsers focus what an address names."""
    return Problem(f"{card.number}. {card.type.label}: {fault.words}", tab, fault.field or place)


def _step_errors(card: StepCard) -> list[Fault]:
    errors = [error for branch in card.branches for error in _branch_errors(branch)]
    return [Fault(card.shares_error), *errors] if card.shares_error else errors


def _branch_errors(branch: BranchCard) -> list[Fault]:
    errors = [] if branch.does_nothing else branch.errors
    if branch.condition and not branch.condition.is_valid:
        words = _("The choice's condition is not complete.")
        errors = [Fault(words, _first_field(branch.condition)), *errors]
    return errors


def _first_field(condition: ListCards) -> str:
    """The field that mends a condition: the first that is wrong, or the menu that begins it."""
    fields = [fault.field for card in condition.cards for fault in card.errors]
    return fields[0] if fields else "" if condition.cards else f"add-{condition.smart_list.pk}"
