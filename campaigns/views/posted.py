"""Keep what a page of cards sent. Every button of the page sends all open cards, so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict

from campaigns import drafts, editor
from campaigns.drafts import BranchCard, FilterCard, Gone, ListCards, StepCard, TriggerCard
from campaigns.models import SmartList
from campaigns.registry import UnknownKind


@dataclass
class Posted:
    """The settings one page sent.

    `overwritten` names the cards that somebody else had changed meanwhile; `added` is the prefix of
    the filter that was chosen from a menu; `taken_back` is what this person undid since, and is not kept
    again (`history.taken_back`).
    """

    data: QueryDict
    by: Any
    now: datetime
    overwritten: list[str] = field(default_factory=list)
    added: str = ""
    taken_back: set[tuple[str, str]] = field(default_factory=set)

    @property
    def opened(self) -> set[str]:
        """The cards that stay open, as their prefixes (`step-12`)."""
        cards = {each for each in self._drawn if each.startswith(("step-", "filter-", "trigger-"))}
        return cards - {self.data.get("close", "")}

    @property
    def steps(self) -> list[int]:
        """The ids of the steps whose cards were sent open."""
        ids = (each.removeprefix("step-") for each in self._drawn if each.startswith("step-"))
        return [int(each) for each in ids if each.isdecimal()]

    @property
    def _drawn(self) -> dict[str, str]:
        """Prefix → what the stamp of the stored settings was when the card was drawn."""
        pairs = (each.rpartition(":") for each in self.data.getlist("card"))
        return {prefix: stamp for prefix, _colon, stamp in pairs}

    def keep_steps(self, cards: Iterable[StepCard]) -> None:
        """Store what was changed in these steps, their choices and the choices' conditions."""
        for card in cards:
            for branch in card.branches:
                self._keep_branch(branch)
                if branch.condition:
                    self.keep_list(branch.condition)

    def keep_list(self, cards: ListCards) -> None:
        """Store what was changed in a smart list: its filters, how they are joined, one to be added."""
        for trigger in cards.triggers:
            self._keep_trigger(trigger)
        for card in cards.cards:
            self._keep_filter(card)
        self._keep_rule(cards)
        self._add_filter(cards.smart_list)

    def _keep_branch(self, branch: BranchCard) -> None:
        nothing = f"{branch.prefix}-nothing" in self.data
        config = self._changed(branch, does_nothing=nothing)
        if config is None:
            return
        if branch.choice:
            editor.configure_choice(
                branch.choice, config, does_nothing=nothing, by=self.by, now=self.now
            )
        else:
            editor.configure_step(
                branch.step, config, does_nothing=nothing, by=self.by, now=self.now
            )

    def _keep_filter(self, card: FilterCard) -> None:
        config = self._changed(card)
        if config is not None:
            editor.configure_filter(card.row, config, by=self.by, now=self.now)

    def _keep_trigger(self, card: TriggerCard) -> None:
        config = self._changed(card)
        if config is not None:
            editor.configure_trigger(card.row, config, by=self.by, now=self.now)

    def _changed(
        self, card: BranchCard | FilterCard | TriggerCard, *, does_nothing: bool = False
    ) -> dict[str, Any] | None:
        """What the card sent, if that differs from what it was drawn with."""
        drawn = self._drawn.get(card.prefix)
        if drawn is None or isinstance(card.type, Gone):
            return None
        config = card.type.Form(self.data, prefix=card.prefix).raw()
        sent = drafts.stamp(config, does_nothing=does_nothing)
        if sent == drawn or (card.prefix, sent) in self.taken_back:
            return None
        if card.stamp not in (drawn, sent):
            self.overwritten.append(card.summary)
        return config

    def _keep_rule(self, cards: ListCards) -> None:
        smart_list, drawn = cards.smart_list, self._drawn.get(cards.prefix)
        match = self.data.get(f"match-{smart_list.pk}", smart_list.match)
        rule = self.data.get(f"logic-{smart_list.pk}", smart_list.logic)
        sent = drafts.stamp({"match": match, "logic": rule})
        if drawn in (None, sent) or match not in SmartList.Match.values:
            return
        if (cards.prefix, sent) in self.taken_back:
            return
        if cards.stamp not in (drawn, sent):
            self.overwritten.append(cards.sentence)
        editor.set_match(smart_list, match=match, rule=rule, by=self.by, now=self.now)

    def _add_filter(self, smart_list: SmartList) -> None:
        kind = self.data.get(f"add-{smart_list.pk}", "")
        if kind:
            try:
                made = editor.add_filter(smart_list, kind=kind, by=self.by, now=self.now)
            except UnknownKind:
                return
            self.added = f"filter-{made.pk}"
