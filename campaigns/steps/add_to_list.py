"""Add to List."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models.named_list import static_lists
from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people import lists
from people.models import PersonQuerySet, StaticList


@steps.register
class AddToList(StepType["AddToList.Params"]):
    """Put people on a static list. Whoever is on it already stays on it.

    This is about our own lists; a Vibes list is joined by Subscribe to Vibes List only.
    """

    kind = "add_to_list"
    label = gettext_lazy("Add to List")
    group = gettext_lazy("Data")
    icon = "list-check"

    class Form(ConfigForm):
        nothing_offered = {
            "static_list": gettext_lazy("No list yet. Make one in the database first."),
        }
        static_list = forms.ModelChoiceField(static_lists(), label=gettext_lazy("List"))

    @dataclass(frozen=True)
    class Params:
        static_list: StaticList

    def summary(self, params: Params) -> str:
        return _("Add to list %(list)s") % {"list": params.static_list}

    def changes(self, params: Params) -> frozenset[str]:
        return frozenset({f"list {params.static_list.pk}"})

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        ids = people.values_list("pk", flat=True)
        lists.add(params.static_list, ids, by=context.by, now=context.now)
        return Outcome()
