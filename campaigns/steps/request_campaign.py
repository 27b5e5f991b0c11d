"""Request Campaign."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Run
from campaigns.registry import ConfigForm, Outcome, StepContext, StepType, steps
from people.models import PersonQuerySet
from vibes.gate import Reason


@steps.register
class RequestCampaign(StepType["RequestCampaign.Params"]):
    """Send people into another campaign, which takes them through its own flow beside this one.

    Offered are the campaigns with the trigger Campaign is Requested. Whoever is requested enters if that campaign is
    active, its filters find them at that moment, and its qualification rule lets them in. Who did not enter
    reads why in the results here. People go on in this flow at once.
    """

    kind = "request_campaign"
    label = gettext_lazy("Request Campaign")
    group = gettext_lazy("Flow")
    icon = "arrow-right"

    class Form(ConfigForm):
        campaign = forms.ModelChoiceField(
            Campaign.objects.requestable(), label=gettext_lazy("Smart Campaign")
        )
        nothing_offered = {
            "campaign": gettext_lazy(
                "No campaign can be requested yet. Add the trigger Campaign is Requested to the smart list of one."
            )
        }

    @dataclass(frozen=True)
    class Params:
        campaign: Campaign

    def summary(self, params: Params) -> str:
        return _("Request the campaign %(campaign)s") % {"campaign": params.campaign}

    def requests(self, config: Mapping[str, Any]) -> AbstractSet[int]:
        return frozenset({int(config["campaign"])})

    def awaits(self, params: Params) -> str:
        if _is_active(params.campaign):
            return ""
        words = _("“%(campaign)s” is not active, so nobody would enter it. Activate it first.")
        return words % {"campaign": params.campaign}

    def execute(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        return self.forecast(people, params, context)

    def forecast(self, people: PersonQuerySet, params: Params, context: StepContext) -> Outcome:
        who = frozenset(people.values_list("pk", flat=True))
        if not _is_active(params.campaign):
            return Outcome(skipped={Reason.REQUEST_NOT_ACTIVE: who})
        return Outcome(requested={params.campaign.pk: who})


def _is_active(campaign: Campaign) -> bool:
    return Run.objects.active().filter(campaign=campaign).exists()
