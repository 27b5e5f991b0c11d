"""Choices of a flow step: added, tried earlier or later, deleted; and the filters of their conditions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import drafts, editor
from campaigns.models import Choice, FlowStep, SmartListFilter

from . import canvas, flow


@require_POST
def add_choice(request: HttpRequest, step_id: int) -> HttpResponse:
    """Add a choice before the default, with the default's settings to begin with."""
    step = get_object_or_404(FlowStep.objects.select_related("campaign"), pk=step_id)
    canvas.keep(request, canvas.campaign_of(step.campaign_id))
    step.refresh_from_db()
    choice = editor.add_choice(step, by=request.user, now=timezone.now())
    place = _("%d of %d") % (step.choices.count(), step.choices.count())
    said = _("Choice %s added") % place
    return flow.answer(request, step.campaign_id, said=said, fresh=f"list-{choice.condition_id}")


@require_POST
def move_choice(request: HttpRequest, choice_id: int) -> HttpResponse:
    """Bring a choice to place `to` (0-based)."""
    choice = _choice(choice_id)
    canvas.keep(request, canvas.campaign_of(choice.step.campaign_id))
    to = request.POST.get("to", "0")
    wanted = int(to) if to.isdecimal() else 0
    editor.move_choice(choice, to=wanted, by=request.user, now=timezone.now())
    choice.refresh_from_db()
    said = _("Choice moved to %(place)d of %(count)d") % {
        "place": choice.position + 1,
        "count": choice.step.choices.count(),
    }
    return flow.answer(request, choice.step.campaign_id, said=said)


@require_POST
def delete_choice(request: HttpRequest, choice_id: int) -> HttpResponse:
    """Remove a choice; a toast says which."""
    choice = _choice(choice_id)
    canvas.keep(request, canvas.campaign_of(choice.step.campaign_id))
    words = drafts.ListCards(choice.condition).sentence
    messages.success(request, _("Deleted the choice: If %s") % words)
    editor.delete_choice(choice, by=request.user, now=timezone.now())
    return flow.answer(request, choice.step.campaign_id)


@require_POST
def delete_condition(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Remove one filter of a choice's condition."""
    found = SmartListFilter.objects.select_related("smart_list__choice__step")
    row = get_object_or_404(found, pk=filter_id, smart_list__choice__isnull=False)
    campaign_id = row.smart_list.choice.step.campaign_id
    canvas.keep(request, canvas.campaign_of(campaign_id))
    editor.delete_filter(row, by=request.user, now=timezone.now())
    return flow.answer(request, campaign_id)


def _choice(choice_id: int) -> Choice:
    found = Choice.objects.select_related("step__campaign", "condition")
    return get_object_or_404(found, pk=choice_id)
