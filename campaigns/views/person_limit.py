"""The person limit of a campaign, shown and edited on its Schedule tab."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import activating, limits
from campaigns.models import Campaign, Run


class LimitForm(forms.Form):
    """The campaign's own person limit; the instance's stands above it."""

    person_limit = forms.IntegerField(
        label=gettext_lazy("Person limit"),
        min_value=1,
        max_value=2_000_000_000,
        required=False,
        widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = limits.PERSON_LIMIT.get()
        if self.instance:
            self.fields["person_limit"].widget.attrs["placeholder"] = number_format(
                self.instance, force_grouping=True
            )

    def clean_person_limit(self) -> int | None:
        limit: int | None = self.cleaned_data["person_limit"]
        if limit and self.instance and limit > self.instance:
            shown = number_format(self.instance, force_grouping=True)
            raise forms.ValidationError(
                _(
                    "This instance allows at most %s. An operator can raise that in Admin › Settings."
                )
                % shown
            )
        return limit


@require_POST
def limit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Keep the campaign's person limit; empty takes it away."""
    found = Campaign.objects.present().select_related("node", "smart_list")
    campaign, form = get_object_or_404(found, pk=campaign_id), LimitForm(request.POST)
    is_valid = form.is_valid()
    if is_valid:
        campaign.person_limit = form.cleaned_data["person_limit"]
        campaign.save(update_fields=["person_limit"])
        messages.success(request, _("Saved."))
    if is_valid and not request.htmx:  # type: ignore[attr-defined]
        return redirect("campaigns:schedule", campaign.pk)
    template = "_limit" if request.htmx else "limit"  # type: ignore[attr-defined]
    return render(
        request,
        f"campaigns/schedule/{template}.html",
        {"campaign": campaign, "limit_form": form, "tab": "schedule", **_standing(campaign)},
        status=200 if is_valid else 422,
    )


def _standing(campaign: Campaign) -> dict[str, Any]:
    active = campaign.runs.active().first()
    is_triggered = active is not None or campaign.smart_list.triggers.exists()
    return {"active": active, "is_triggered": is_triggered, **room(campaign, active)}


def room(campaign: Campaign, active: Run | None) -> dict[str, Any]:
    """How many people may enter, and of an active campaign how many have since it was activated."""
    most = limits.limit_of(campaign)
    came = activating.entered(active) if active else 0
    return {"most": most, "came": came, "is_full": active and most is not None and came >= most}
