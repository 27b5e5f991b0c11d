"""Member of Smart Campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Entry
from campaigns.operators import MembershipFilter
from campaigns.operators.membership import MembershipForm
from campaigns.registry import filters


@filters.register
class MemberOfSmartCampaign(MembershipFilter["MemberOfSmartCampaign.Params"]):
    """People who ever entered a smart campaign, whatever became of them there."""

    kind = "member_of_smart_campaign"
    label = _("Member of Smart Campaign")
    group = _("Membership")
    thing = "campaign"

    class Form(MembershipForm):
        campaign = forms.ModelChoiceField(
            Campaign.objects.offered(),
            label=_("Smart Campaign"),
        )

    @dataclass(frozen=True)
    class Params:
        operator: str
        campaign: Campaign

    def members(self, params: Params) -> QuerySet[Any]:
        return Entry.objects.filter(run__campaign=params.campaign, person=OuterRef("pk"))
