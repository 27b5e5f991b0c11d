"""What is said of a list and its campaigns here: which sender texts it, and what Vibes asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from vibes import senders, tasks
from vibes.client import Client, VibesError
from vibes.models import AcquisitionCampaign, VibesList

from .rights import CHANGE, who_may


class SenderForm(forms.Form):
    """The event type of a campaign that somebody made at Vibes."""

    event_type = forms.CharField(
        label=gettext_lazy("Event type"),
        max_length=80,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=gettext_lazy("As it was entered at Vibes. It is looked at before it is used."),
    )


class WordingForm(forms.ModelForm[AcquisitionCampaign]):
    """What Vibes texts when it asks somebody to join."""

    class Meta:
        model = AcquisitionCampaign
        fields = ("wording",)
        widgets = {"wording": forms.Textarea(attrs={"class": "form-control", "rows": 4})}
        help_texts = {
            "wording": gettext_lazy(
                "Vibes does not tell it. Copy it from the campaign there: it is kept in the consent"
                " ledger with every answer from now on."
            )
        }


@who_may(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def sender(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how to make a sender by hand; take its event type, or go back to one of our own."""
    vibes_list = get_object_or_404(VibesList.objects.select_related("account"), pk=pk)
    if "own" in request.POST:
        senders.use_own(vibes_list)
        messages.success(request, _("%s: the next sync sees to a sender.") % vibes_list)
        tasks.take_up(vibes_list.account)
        return _home(request)
    form = SenderForm(request.POST or None, initial=_typed_before(vibes_list))
    if request.method == "POST" and form.is_valid() and _is_used(form, vibes_list):
        messages.success(request, _("%s has a sender now.") % vibes_list)
        tasks.take_up(vibes_list.account)
        return _home(request)
    context = {"list": vibes_list, "form": form, "recipe": senders.recipe(vibes_list)}
    return _dialog(request, "sender", context)


def _typed_before(vibes_list: VibesList) -> dict[str, str]:
    return {"event_type": vibes_list.event_type} if vibes_list.sender_typed else {}


def _is_used(form: SenderForm, vibes_list: VibesList) -> bool:
    """Whether the typed sender is the list's now; otherwise the form says what stands against it."""
    try:
        with Client(vibes_list.account, slots=1) as client:
            name = form.cleaned_data["event_type"]
            senders.use_typed(vibes_list, name, client, timezone.now())
    except (senders.SenderConflict, VibesError) as wrong:
        form.add_error("event_type", str(wrong))
        return False
    return True


@who_may(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def wording(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what Vibes asks in the name of this campaign."""
    campaign = get_object_or_404(AcquisitionCampaign, pk=pk)
    form = WordingForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Kept: the question of %s.") % campaign)
        return _home(request)
    return _dialog(request, "wording", {"campaign": campaign, "form": form})


def _dialog(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    template = f"_{name}_form" if request.htmx else name  # type: ignore[attr-defined]
    status = 422 if request.method == "POST" else 200
    return render(request, f"vibes/{template}.html", context, status=status)


def _home(request: HttpRequest) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(resolve_url("vibes:home"))
    return redirect("vibes:home")
