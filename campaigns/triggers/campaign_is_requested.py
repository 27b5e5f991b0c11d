"""Campaign is Requested."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.registry import ConfigForm, TriggerType, triggers


@triggers.register
class CampaignIsRequested(TriggerType["CampaignIsRequested.Params"]):
    """People enter when the step Request Campaign of another flow sends them here.

    It needs no settings: who may enter is narrowed by the filters below it, which are asked at the moment of the
    request. While the campaign is active, other flows find it in their step Request Campaign.
    """

    kind = "campaign_is_requested"
    label = gettext_lazy("Campaign is Requested")
    group = gettext_lazy("Triggers")
    hears_requests = True

    class Form(ConfigForm):
        pass

    @dataclass(frozen=True)
    class Params:
        pass

    def summary(self, params: Params) -> str:
        return _("the campaign is requested by a flow step")
