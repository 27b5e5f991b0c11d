"""Remove from List."""

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
class RemoveFromList(StepType["RemoveFromList.Params"]):
    """Take people off a static list. They stay in the database; whoever is not on it is left alone.

    This is about our own lists; a Vibes list is left by Unsubscribe from Vibes List only.
    """

    kind = "remove_from_list"
    label = gettext_lazy("Remove from List")
    group = gettext_lazy("Data")
    icon = "person-dash"

    class Form(ConfigForm):
        nothing_offered = {
            "static_list": gettext_lazy("No list yet. Make one in the database first."),
        }
        static_list = forms.ModelChoiceField(static_lists(), label=gettext_lazy("List"))

    @dataclass(frozen=True)
    class Params:
        static_list: StaticList

    def summary(self, params: Params) -> str:
        return _("Remove from list %(list)s") % {"list": params.static_list}

    def changes(self, params: Params) -> frozenset[str]:
        return frozenset({f"list {params.static_list.pk}"})

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        ids = people.values_list("pk", flat=True)
        lists.remove(params.static_list, ids, by=context.by, now=context.now)
        return Outcome()
