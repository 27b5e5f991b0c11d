"""Remove from Flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people.models import PersonQuerySet


@steps.register
class RemoveFromFlow(StepType["RemoveFromFlow.Params"]):
    """Take people out of this flow, or out of the flow of another campaign. It is meant for people who wait there.

    What they got stays theirs, and a text on its way still goes; nothing more happens to them in that flow. Whoever
    is removed from this flow takes no further step in it. Use a choice to remove only some.
    """

    kind = "remove_from_flow"
    label = gettext_lazy("Remove from Flow")
    group = gettext_lazy("Flow")
    icon = "slash-circle"

    class Form(ConfigForm):
        campaign = forms.ModelChoiceField(
            Campaign.objects.offered(),
            label=gettext_lazy("Smart Campaign"),
            required=False,
        )

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields["campaign"].empty_label = _("This campaign")  # type: ignore[attr-defined]

    @dataclass(frozen=True)
    class Params:
        campaign: Campaign | None

    def summary(self, params: Params) -> str:
        if params.campaign is None:
            return _("Remove from this flow")
        return _("Remove from the flow of %(campaign)s") % {"campaign": params.campaign}

    def empties(self, params: Params, *, campaign_id: int) -> bool:
        return params.campaign is None or params.campaign.pk == campaign_id

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        return self.forecast(people, params, context)

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        who = frozenset(people.values_list("pk", flat=True))
        campaign = params.campaign.pk if params.campaign else context.campaign_id
        left = who if campaign == context.campaign_id else frozenset[int]()
        return Outcome(left=left, removed={campaign: who})
