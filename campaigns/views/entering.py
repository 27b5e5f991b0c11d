"""Who enters a triggered campaign, and how often: shown on its Schedule tab, and edited there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.drafts import Draft
from campaigns.models import Campaign

from .person_limit import room


class EntersForm(forms.Form):
    """The qualification rule. The number counts only where the rule asks for one."""

    enters = forms.ChoiceField(
        label=gettext_lazy("Each person enters"),
        choices=Campaign.Enters.choices,
        widget=forms.Select({"class": "form-select"}),
    )
    every_count = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=1,
        max_value=1_000,
        widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
    )


@require_POST
def enters(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Keep the qualification rule. It holds at once, also while the campaign is active."""
    found = Campaign.objects.present().select_related("node", "smart_list")
    campaign, form = get_object_or_404(found, pk=campaign_id), EntersForm(request.POST)
    if form.is_valid():
        campaign.enters = form.cleaned_data["enters"]
        campaign.every_count = form.cleaned_data["every_count"]
        campaign.save(update_fields=["enters", "every_count"])
        messages.success(request, _("Saved."))
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("campaigns:schedule", campaign.pk)
    context = {"campaign": campaign, "enters_form": form, "tab": "schedule"}
    template = "_enters" if request.htmx else "enters"  # type: ignore[attr-defined]
    status = 200 if form.is_valid() else 422
    return render(request, f"campaigns/schedule/{template}.html", context, status=status)


def shown(campaign: Campaign, draft: Draft) -> dict[str, Any]:
    """What the tab shows of a triggered campaign, or of one that is active still."""
    active = campaign.runs.active().select_related("version", "started_by").first()
    counts = {"enters": campaign.enters, "every_count": campaign.every_count}
    return {
        "is_triggered": draft.is_triggered or active is not None,
        "active": active,
        "draft_triggers": [card.summary for card in draft.smart_list.triggers],
        "rule": draft.smart_list.sentence if draft.smart_list.cards else "",
        "enters_form": EntersForm(initial=counts),
        **room(campaign, active),
    }
