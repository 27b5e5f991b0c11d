"""Verdict in Smart Campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Verdict
from campaigns.operators import MembershipFilter
from campaigns.operators.membership import MembershipForm
from campaigns.registry import filters
from vibes.gate import Reason


@filters.register
class VerdictInSmartCampaign(MembershipFilter["VerdictInSmartCampaign.Params"]):
    """People of whom a step of a smart campaign has this verdict now, such as sent or skipped.

    In: one of its steps, in any of its runs, says so. Not in: none does, also of whoever never entered.
    """

    kind = "verdict_in_smart_campaign"
    label = _("Verdict in Smart Campaign")
    group = _("Membership")

    class Form(MembershipForm):
        campaign = forms.ModelChoiceField(
            Campaign.objects.offered(),
            label=_("Smart Campaign"),
        )
        verdict = forms.ChoiceField(label=_("Verdict"), choices=Verdict.State.choices)
        reason = forms.ChoiceField(
            label=_("Reason"), choices=[("", _("any")), *Reason.choices], required=False, initial=""
        )

    @dataclass(frozen=True)
    class Params:
        operator: str
        campaign: Campaign
        verdict: str
        reason: str = ""

    def summary(self, params: Params) -> str:
        said = {
            "in": gettext("%(verdict)s in Smart Campaign “%(campaign)s”"),
            "not_in": gettext("not %(verdict)s in Smart Campaign “%(campaign)s”"),
        }
        verdict = str(Verdict.State(params.verdict).label)
        if params.reason:
            verdict += f" ({Reason(params.reason).label})"
        return said[params.operator] % {"verdict": verdict, "campaign": params.campaign}

    def members(self, params: Params) -> QuerySet[Any]:
        """By way of the entries: a person's verdicts have no index of their own."""
        found = Verdict.objects.filter(
            entry__person=OuterRef("pk"), entry__run__campaign=params.campaign, state=params.verdict
        )
        return found.filter(reason=params.reason) if params.reason else found
