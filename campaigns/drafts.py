"""A draft, a campaign's or a smart list's that stands alone, read: every card with its form, what is wrong
with it, and its plain value.

The screens draw the cards from here; publishing and the dry run take the value. One reading for all.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from . import logic, problems
from .content import BranchSpec, FilterSpec, FlowSpec, ListSpec, StepSpec
from .models import (
    Campaign,
    Choice,
    FlowStep,
    NamedList,
    SmartList,
    SmartListFilter,
    SmartListTrigger,
)
from .models.named_list import ListOwner
from .options import Options
from .problems import Fault, Problem
from .registry import (
    ConfigForm,
    Configurable,
    FilterType,
    UnknownKind,
    filters,
    steps,
    triggers,
)


@dataclass(frozen=True)
class Gone:
    """Stands in for a plug-in that is not here: the card says so and can only be removed."""

    kind: str
    why: str = ""
    icon: str = "exclamation-triangle-fill"
    template: str = "campaigns/steps/_gone.html"

    @property
    def label(self) -> str:
        return _("%(kind)s (not available)") % {"kind": self.kind}


class _Configured:
    """One set of settings: its type, its bound form, and what it comes to."""

    type: Configurable[Any] | Gone
    config: Mapping[str, Any]
    prefix: str
    options: Options
    does_nothing: bool = False

    @cached_property
    def form(self) -> ConfigForm | None:
        if isinstance(self.type, Gone):
            return None
        return self.options.lend_to(self.type.form(self.config, prefix=self.prefix))

    @cached_property
    def params(self) -> Any:
        """The typed settings, or None while they are not complete."""
        if self.form is None or isinstance(self.type, Gone) or not self.form.is_valid():
            return None
        return self.type.params(self.form)

    @cached_property
    def frozen(self) -> dict[str, Any]:
        """The plain settings; only of complete ones."""
        assert not isinstance(self.type, Gone)
        return self.type.freeze(self.params)

    @property
    def stamp(self) -> str:
        """Changes when what is stored changes: how a page finds out that somebody else was here."""
        return stamp(self.config, does_nothing=self.does_nothing)

    @property
    def is_valid(self) -> bool:
        return self.params is not None

    @property
    def summary(self) -> str:
        if isinstance(self.type, Gone) or self.params is None:
            return str(self.type.label)
        return str(self.type.summary(self.params))

    @property
    def errors(self) -> list[Fault]:
        """What is wrong, field by field."""
        if self.form is None:
            why = self.type.why if isinstance(self.type, Gone) else ""
            return [Fault(f"{why} {_('Remove the card.')}")]
        return problems.of_form(self.form)


class FilterCard(_Configured):
    """One filter of a smart list, with its number on screen."""

    def __init__(self, row: SmartListFilter, number: int, options: Options) -> None:
        self.row, self.number, self.options = row, number, options
        self.config, self.prefix = row.config, f"filter-{row.pk}"
        self.type = filter_type(row.kind)

    def q(self, *, now: datetime) -> Q:
        """The filter as a condition on a person; only of a complete one."""
        return cast(FilterType[Any], self.type).q(self.params, now=now)

    @property
    def share(self) -> Decimal:
        """How many percent of a step's people it keeps by lot; 0 while it is not complete."""
        return cast(FilterType[Any], self.type).share(self.frozen) if self.is_valid else Decimal(0)

    @property
    def spec(self) -> FilterSpec:
        return FilterSpec(self.row.kind, self.frozen)


class TriggerCard(_Configured):
    """One trigger of a campaign. They have no numbers: any one of them is enough."""

    number = 0

    def __init__(self, row: SmartListTrigger, options: Options) -> None:
        self.row, self.options = row, options
        self.config, self.prefix = row.config, f"trigger-{row.pk}"
        self.type = trigger_type(row.kind)

    @property
    def spec(self) -> FilterSpec:
        return FilterSpec(self.row.kind, self.frozen)


class ListCards:
    """A smart list with its cards; of a campaign's also those of its triggers."""

    def __init__(
        self, smart_list: SmartList, options: Options | None = None, *, of_campaign: bool = False
    ) -> None:
        self.smart_list = smart_list
        rows, options = list(smart_list.filters.all()), options or Options()
        self.cards = [FilterCard(row, number, options) for number, row in enumerate(rows, 1)]
        rows_of_triggers = smart_list.triggers.all() if of_campaign else ()
        self.triggers = [TriggerCard(row, options) for row in rows_of_triggers]

    @property
    def prefix(self) -> str:
        return f"list-{self.smart_list.pk}"

    @property
    def stamp(self) -> str:
        """Changes when the way the filters are joined changes."""
        return stamp({"match": self.smart_list.match, "logic": self.smart_list.logic})

    @cached_property
    def logic_error(self) -> str:
        """Why the advanced rule cannot be read; empty when it can, or is not used."""
        if self.smart_list.match != SmartList.Match.ADVANCED:
            return ""
        try:
            logic.join(self.smart_list.logic, [Q(pk=card.number) for card in self.cards])
        except logic.LogicError as error:
            return str(error)
        return ""

    @property
    def is_valid(self) -> bool:
        each = [*self.triggers, *self.cards]
        return bool(each) and not self.logic_error and all(card.is_valid for card in each)

    @property
    def spec(self) -> ListSpec:
        return ListSpec(
            self.smart_list.match,
            self.smart_list.logic,
            tuple(card.spec for card in self.cards),
        )

    @property
    def sentence(self) -> str:
        """The whole rule in plain words."""
        if not self.cards:
            return _("everybody") if self.triggers else _("Nobody yet: add a filter.")
        each = [card.summary for card in self.cards]
        if self.smart_list.match == SmartList.Match.ADVANCED and not self.logic_error:
            return logic.sentence(self.smart_list.logic, each)
        joint = _(" or ") if self.smart_list.match == SmartList.Match.ANY else _(" and ")
        return joint.join(each)


class BranchCard(_Configured):
    """One branch of a step: a choice with its condition, or (choice None) the default."""

    def __init__(self, step: FlowStep, choice: Choice | None, options: Options) -> None:
        self.step, self.choice, self.options = step, choice, options
        owner = choice or step
        self.config, self.does_nothing = owner.config, owner.does_nothing
        self.prefix = f"choice-{choice.pk}" if choice else f"step-{step.pk}"
        self.type = step_type(step.kind)
        self.condition = ListCards(choice.condition, options) if choice else None

    @property
    def is_complete(self) -> bool:
        found = self.condition is None or self.condition.is_valid
        return found and (self.does_nothing or self.is_valid)

    @property
    def spec(self) -> BranchSpec:
        return BranchSpec(
            {} if self.does_nothing else self.frozen,
            self.condition.spec if self.condition else None,
            self.does_nothing,
        )

    @property
    def words(self) -> str:
        """The branch as the folded card says it."""
        deed = _("do nothing") if self.does_nothing else self.summary
        if self.condition is None:
            return deed
        return _("If %(condition)s: %(deed)s") % {
            "condition": self.condition.sentence,
            "deed": deed,
        }


class StepCard:
    """One step of the draft: its branches, the default last."""

    def __init__(self, row: FlowStep, number: int, options: Options | None = None) -> None:
        self.row, self.number, options = row, number, options or Options()
        self.type = step_type(row.kind)
        self.choices = [BranchCard(row, choice, options) for choice in row.choices.all()]
        self.default = BranchCard(row, None, options)

    @property
    def branches(self) -> list[BranchCard]:
        return [*self.choices, self.default]

    @property
    def is_valid(self) -> bool:
        known = not isinstance(self.type, Gone) and not self.shares_error
        return known and all(branch.is_complete for branch in self.branches)

    @cached_property
    def shares_error(self) -> str:
        """What to say when the random shares of its choices are more than all people, or two are in one choice."""
        conditions = [choice.condition for choice in self.choices if choice.condition]
        if any(sum(card.share > 0 for card in each.cards) > 1 for each in conditions):
            return _("Random stands twice in one condition. A choice takes one share: delete one.")
        total = sum((card.share for each in conditions for card in each.cards), Decimal(0))
        if total <= 100:
            return ""
        said = _(
            "The random shares of this step add up to %s %%: together they may be 100 %% at most."
        )
        return said % number_format(total.normalize())

    @property
    def summary(self) -> str:
        if not self.choices:
            return self.default.words
        words = [branch.words for branch in self.choices]
        return "; ".join([*words, _("Otherwise: %s") % self.default.words])

    @property
    def spec(self) -> StepSpec:
        return StepSpec(self.row.pk, self.row.kind, tuple(each.spec for each in self.branches))


class Draft:
    """The whole draft of a campaign."""

    def __init__(self, campaign: Campaign, only: Collection[int] | None = None) -> None:
        self.campaign, options = campaign, Options()
        self.smart_list = ListCards(campaign.smart_list, options, of_campaign=True)
        rows = campaign.steps.prefetch_related("choices__condition__filters")
        if only is not None:
            rows = rows.filter(pk__in=only)
        self.steps = [StepCard(row, row.position + 1, options) for row in rows]

    @property
    def problems(self) -> list[Problem]:
        """Everything that keeps it from running; empty when it may."""
        return [*problems.of_list(self.smart_list), *problems.of_flow(self.steps)]

    @property
    def spec(self) -> FlowSpec:
        """The plain value; only of a draft without problems."""
        return FlowSpec(
            self.smart_list.spec,
            tuple(card.spec for card in self.steps),
            tuple(card.spec for card in self.smart_list.triggers),
        )

    @property
    def is_triggered(self) -> bool:
        """The mode follows the content: with at least one trigger it is no batch campaign."""
        return bool(self.smart_list.triggers)


class ListDraft:
    """A smart list that stands alone, as its page draws it: it has no steps."""

    def __init__(self, named: NamedList) -> None:
        self.smart_list = ListCards(named.smart_list)
        self.steps: list[StepCard] = []

    @property
    def problems(self) -> list[Problem]:
        """What keeps it from finding anybody."""
        return problems.of_list(self.smart_list)


def read(campaign: Campaign, *, steps: Collection[int] | None = None) -> Draft:
    """Read the draft of a campaign, whole or with these steps only: forms are bound, nothing is written."""
    return Draft(campaign, steps)


def read_list(owner: ListOwner, *, steps: Collection[int] | None = None) -> Draft | ListDraft:
    """Read what a smart list belongs to: whole, or with these steps only."""
    return Draft(owner, steps) if isinstance(owner, Campaign) else ListDraft(owner)


def stamp(config: Mapping[str, Any], *, does_nothing: bool = False) -> str:
    """A short mark of some settings; a field left empty and one never posted are the same."""
    said = {name: value for name, value in config.items() if value not in (None, "", False, [])}
    plain = json.dumps([does_nothing, said], sort_keys=True, default=str)
    return f"{zlib.crc32(plain.encode()):08x}"


def step_type(kind: str) -> Any:
    """The plug-in of a step, or what stands in for one that is not here."""
    return _find(steps, kind)


def filter_type(kind: str) -> Any:
    """The plug-in of a filter, or what stands in for one that is not here."""
    return _find(filters, kind)


def trigger_type(kind: str) -> Any:
    """The plug-in of a trigger, or what stands in for one that is not here."""
    return _find(triggers, kind)


def _find(registry: Any, kind: str) -> Any:
    try:
        return registry.get(kind)
    except UnknownKind as gone:
        return Gone(kind, str(gone))
