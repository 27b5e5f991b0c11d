"""A triggered campaign on its Schedule tab: activate and deactivate."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from campaigns import activating, standing, versions
from campaigns.models import Run

from .control import WhyForm
from .rights import refuse_unless_mine
from .schedule import get_campaign, get_context, linked


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask whether to activate, with the checklist; a POST does. Twice is once."""
    campaign = get_campaign(campaign_id)
    context, problems = get_context(campaign), []
    if request.method == "POST":
        try:
            run, is_new = activating.activate(campaign, by=request.user, now=timezone.now())
        except versions.NotReady as refused:
            problems = linked(campaign, refused.problems)
        else:
            _say_active(request, run, is_new)
            return _to_schedule(request, campaign.pk)
    context["problems"] = problems or context["problems"]
    template = "_activate" if request.htmx else "activate"  # type: ignore[attr-defined]
    status = 422 if problems else 200
    return render(request, f"campaigns/schedule/{template}.html", context, status=status)


def _say_active(request: HttpRequest, run: Run, is_new: bool) -> None:
    if not is_new:
        messages.info(request, _("It was active already."))
        return
    said = _("Active. What was drafted is published as version %d.")
    messages.success(request, said % run.version.number)


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask whether to deactivate; a POST does: nobody enters any more, who is inside goes on."""
    found = Run.objects.select_related("version", "campaign__node", "started_by")
    run = get_object_or_404(found, pk=run_id)
    refuse_unless_mine(request, run)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        _run, is_new = activating.deactivate(run.pk, by=request.user, now=timezone.now(), why=why)
        said = _("Inactive: nobody enters any more. Who is inside goes on to the end.")
        messages.success(request, said if is_new else _("It was inactive already."))
        return _to_schedule(request, run.campaign_id)
    context = {
        "run": run,
        "campaign": run.campaign,
        "tab": "schedule",
        "form": form,
        "standing": standing.of([run.pk]),
    }
    template = "_deactivate" if request.htmx else "deactivate"  # type: ignore[attr-defined]
    status = 422 if form.is_bound else 200
    return render(request, f"campaigns/schedule/{template}.html", context, status=status)


def _to_schedule(request: HttpRequest, campaign_id: int) -> HttpResponse:
    address = reverse("campaigns:schedule", args=[campaign_id])
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
