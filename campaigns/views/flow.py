"""The Flow tab: steps are added, set, moved, copied and deleted; the draft is published."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from campaigns import drafts, editor, versions
from campaigns.models import Campaign, Edit, FlowStep
from campaigns.problems import Problem
from campaigns.registry import UnknownKind, filters, steps

from . import canvas, cards


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The whole tab. A POST keeps what the open cards sent."""
    campaign = canvas.campaign_of(campaign_id)
    if request.method == "POST":
        canvas.keep(request, campaign)
        return answer(request, campaign_id)
    return _page(request, campaign, opened=request.GET.getlist("open"))


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, step_id: int) -> HttpResponse:
    """One card, open or folded. A POST keeps what it sent: any change in any field comes here."""
    campaign = canvas.campaign_of(_step(step_id).campaign_id)
    if request.method != "POST":
        name = f"step-{step_id}"
        return _card(request, campaign, step_id, opened=[name], fresh=name)
    sent = canvas.keep(request, campaign)
    if canvas.edited_by_another(request, campaign) or not request.htmx:  # type: ignore[attr-defined]
        return answer(request, campaign.pk)
    return _card(
        request, canvas.campaign_of(campaign.pk), step_id, opened=sent.opened, fresh=sent.added
    )


@require_POST
def add_step(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Add a step of `kind` at `position` (0-based; empty: at the end)."""
    campaign = canvas.campaign_of(campaign_id)
    canvas.keep(request, campaign)
    try:
        made = editor.add_step(
            campaign,
            kind=request.POST.get("kind", ""),
            at=canvas.number(request.POST.get("position", "")),
            by=request.user,
            now=timezone.now(),
        )
    except UnknownKind:
        return HttpResponseBadRequest(_("There is no such step."))
    said = _("%(step)s added at %(place)s") % {
        "step": steps.get(made.kind).label,
        "place": _place(made),
    }
    return answer(request, campaign_id, said=said, fresh=f"step-{made.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def move_step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Bring a step to place `to` (0-based) or, from the dialog, to `place` (1-based)."""
    row = _step(step_id)
    campaign = canvas.campaign_of(row.campaign_id)
    to = canvas.wanted_place(request)
    if to is None:
        return canvas.ask_where(
            request, campaign, name=_name(row), row=row, count=campaign.steps.count()
        )
    canvas.keep(request, campaign)
    editor.move_step(row, to=to, by=request.user, now=timezone.now())
    row.refresh_from_db()
    return answer(request, row.campaign_id, said=_moved(row))


@require_POST
def reorder_steps(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Bring the steps into the order of the list, as dragging left it."""
    campaign = canvas.campaign_of(campaign_id)
    canvas.keep(request, campaign)
    ids = [int(pk) for pk in request.POST.getlist("step") if pk.isdecimal()]
    moved = canvas.dragged(request) or 0
    try:
        editor.reorder_steps(
            campaign, step_ids=ids, moved=moved, by=request.user, now=timezone.now()
        )
    except editor.FlowChanged:
        messages.warning(request, _("Somebody else changed the flow. Here is what is there now."))
        return answer(request, campaign_id)
    row = campaign.steps.filter(pk=moved).first()
    said = _moved(row) if row else ""
    return answer(request, campaign_id, said=said)


@require_POST
def duplicate_step(request: HttpRequest, step_id: int) -> HttpResponse:
    row = _step(step_id)
    canvas.keep(request, canvas.campaign_of(row.campaign_id))
    row.refresh_from_db()
    copy = editor.duplicate_step(row, by=request.user, now=timezone.now())
    said = _("%(step)s duplicated at %(place)s") % {"step": _name(row), "place": _place(copy)}
    return answer(request, row.campaign_id, said=said)


@require_POST
def delete_step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Remove a step; a toast says which."""
    row = _step(step_id)
    canvas.keep(request, canvas.campaign_of(row.campaign_id))
    row.refresh_from_db()
    messages.success(request, _("Deleted: %s") % _name(row))
    editor.delete_step(row, by=request.user, now=timezone.now())
    return answer(request, row.campaign_id)


@require_POST
def undo(request: HttpRequest, campaign_id: int) -> HttpResponse:
    canvas.undo(request, canvas.campaign_of(campaign_id), Edit.Side.FLOW)
    return answer(request, campaign_id)


@require_POST
def redo(request: HttpRequest, campaign_id: int) -> HttpResponse:
    canvas.redo(request, canvas.campaign_of(campaign_id), Edit.Side.FLOW)
    return answer(request, campaign_id)


@require_POST
def publish(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Keep what was sent and make it a version; or say what stands against it."""
    campaign = canvas.campaign_of(campaign_id)
    canvas.keep(request, campaign)
    try:
        version = versions.publish(campaign, by=request.user, now=timezone.now())
    except versions.NotReady as refused:
        return answer(request, campaign_id, problems=refused.problems)
    messages.success(request, _("Published as version %d.") % version.number)
    return answer(request, campaign_id)


# --- Answers --------------------------------------------------------------------------------------


def answer(
    request: HttpRequest,
    campaign_id: int,
    *,
    said: str = "",
    fresh: str = "",
    problems: list[Problem] | None = None,
) -> HttpResponse:
    """The whole flow as it is now; without htmx the page, anew. The cards that were open stay open."""
    campaign = canvas.campaign_of(campaign_id)
    opened = {*canvas.opened(request), fresh} - {""}
    if not request.htmx:  # type: ignore[attr-defined]
        if problems:
            return _page(request, campaign, opened=opened, problems=problems)
        return _go(campaign, opened, said, request)
    context = _context(campaign, opened=opened, fresh=fresh) | {"problems": problems}
    response = render(request, "campaigns/flow/_flow.html", context)
    trigger_client_event(response, "close-dialog", {})
    return canvas.announce(canvas.whole(request, response), said)


def _card(
    request: HttpRequest,
    campaign: Campaign,
    step_id: int,
    *,
    opened: Collection[str],
    fresh: str = "",
) -> HttpResponse:
    """One card, read alone; after a change with what undo does beside it. Without htmx the whole page."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, campaign, opened=opened)
    draft, total = drafts.read(campaign, steps=[step_id]), campaign.steps.count()
    shown = cards.show_steps(draft.steps, opened=opened, fresh=fresh, total=total)
    if not shown:
        return answer(request, campaign.pk)
    card = shown[0].card
    context = _common(campaign, fresh) | {"shown": shown[0], "card": card}
    if request.method != "POST":
        return render(request, card.type.template, context)
    return canvas.changed(render(request, "campaigns/flow/_changed.html", context))


def _page(
    request: HttpRequest,
    campaign: Campaign,
    *,
    opened: Collection[str],
    problems: list[Problem] | None = None,
) -> HttpResponse:
    context = _context(campaign, opened=opened) | {
        "tab": "flow",
        "palette": cards.palette(steps),
        "problems": problems,
    }
    return render(request, "campaigns/flow/page.html", context)


def _context(campaign: Campaign, *, opened: Collection[str], fresh: str = "") -> dict[str, Any]:
    draft = drafts.read(campaign)
    return {
        **_common(campaign, fresh),
        "shown": cards.show_steps(draft.steps, opened=opened, fresh=fresh),
        **canvas.state_of(campaign, draft),
    }


def _common(campaign: Campaign, fresh: str) -> dict[str, Any]:
    """What one card and the whole flow need alike."""
    return {
        "campaign": campaign,
        "fresh": fresh,
        "filter_options": cards.options(filters, of="choice"),
        **canvas.undoing(campaign, Edit.Side.FLOW),
    }


def _go(
    campaign: Campaign, opened: Collection[str], said: str, request: HttpRequest
) -> HttpResponse:
    if said:
        messages.info(request, said)
    query = urlencode([("open", each) for each in sorted(opened)])
    return HttpResponseRedirect(f"{reverse('campaigns:flow', args=[campaign.pk])}?{query}")


# --- Words ----------------------------------------------------------------------------------------


def _step(step_id: int) -> FlowStep:
    return get_object_or_404(FlowStep.objects.select_related("campaign"), pk=step_id)


def _name(row: FlowStep) -> str:
    return drafts.StepCard(row, 0).summary


def _place(row: FlowStep) -> str:
    return canvas.place(row.position, row.campaign.steps.count())


def _moved(row: FlowStep) -> str:
    return _("%(step)s moved to %(place)s") % {"step": _name(row), "place": _place(row)}
