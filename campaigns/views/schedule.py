"""The Schedule tab: who will get it, what stands in the way, Run now, and what is planned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import (
    audience,
    cautions,
    drafts,
    launch,
    limits,
    preflight,
    references,
    tasks,
    versions,
)
from campaigns.drafts import Draft
from campaigns.models import Campaign, Node, Run
from campaigns.problems import Problem
from campaigns.views.confirming import SeenForm, number
from people.models import Person

from . import entering
from .going import go_to_results
from .person_limit import LimitForm

PLANNED_SHOWN, OVER_SHOWN = 50, 3
SHOWN = 200  # people behind a count; all of them stand in Results once it ran


class StartForm(SeenForm):
    """Run now: the same start twice is one run."""

    token = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, campaign: Campaign, people: int) -> None:
        token = launch.start_token(campaign)
        super().__init__(data, people=people, revision=campaign.revision, token=token)


@require_safe
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Everything that is known without counting; who will get it is loaded after."""
    campaign = get_campaign(campaign_id)
    return render(request, "campaigns/schedule/page.html", get_context(campaign))


@require_safe
def forecast(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Who will get it, were the draft run now."""
    campaign, now = get_campaign(campaign_id), timezone.now()
    draft = drafts.read(campaign)
    context: dict[str, Any] = {"campaign": campaign, "now": now}
    if draft.is_triggered:  # who comes is not known before
        return render(request, "campaigns/schedule/page.html", get_context(campaign, draft))
    if not draft.problems:
        found = preflight.forecast(draft.spec, now=now)
        context |= {"forecast": found, "ends_at": now + found.takes}
        whom = audience.people(draft.smart_list.spec, now=now)
        context["met"] = cautions.met_today(campaign, whom, now=now)
        context["refusal"] = limits.refusal(campaign, found.qualified)
    elif draft.smart_list.is_valid:
        context["qualified"] = count(draft, now)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "campaigns/schedule/_forecast.html", context)
    whole = {**get_context(campaign, draft), **context, "counted": True}
    return render(request, "campaigns/schedule/page.html", whole)


@require_safe
def people(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The people behind one count: those who qualify, or whom a step treats so (`step`, `reason`)."""
    draft = drafts.read(get_campaign(campaign_id))
    if draft.problems or draft.is_triggered:
        raise Http404
    step, reason = request.GET.get("step", ""), request.GET.get("reason", "")
    context = {
        "campaign": draft.campaign,
        "tab": "schedule",
        "people": _behind(draft, step, reason, timezone.now()),
        "words": _words(step, reason),
        "shown": SHOWN,
    }
    template = "_people" if request.htmx else "people"  # type: ignore[attr-defined]
    return render(request, f"campaigns/schedule/{template}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask whether to run now, with the count; a POST runs. The same token again shows the same run."""
    campaign, now = get_campaign(campaign_id), timezone.now()
    draft = drafts.read(campaign)
    begun = Run.objects.filter(token=request.POST.get("token", "")).first()
    if begun:
        messages.info(request, _("This run had been started already."))
        return go_to_results(request, begun)
    if in_the_way := draft.problems or launch.not_run(campaign):
        context = {**get_context(campaign, draft), "problems": linked(campaign, in_the_way)}
        return _show(request, context, status=422 if request.POST else 200)
    number_now = count(draft, now)
    if words := limits.refusal(campaign, number_now):
        problems = linked(campaign, [Problem(words, "schedule", "person-limit")])
        context = {**get_context(campaign, draft), "problems": problems}
        return _show(request, context, status=422 if request.POST else 200)
    form = StartForm(request.POST or None, campaign=campaign, people=number_now)
    if form.is_bound and form.is_valid():
        try:
            return _start(request, campaign, form.cleaned_data["token"], now)
        except versions.NotReady as refused:
            return _show(
                request,
                {**get_context(campaign), "problems": linked(campaign, refused.problems)},
                status=422,
            )
    asked = request.POST or request.GET
    context = {**get_context(campaign, draft), "form": form, "texts": number(asked.get("texts"))}
    return _show(request, context, status=422 if form.is_bound else 200)


def _start(request: HttpRequest, campaign: Campaign, token: str, now: datetime) -> HttpResponse:
    started, is_new = launch.begin(campaign, token=token, by=request.user, now=now)
    if not is_new:
        messages.info(request, _("This run had been started already."))
        return go_to_results(request, started)
    tasks.prepare_run.delay_on_commit(run_id=started.pk)  # type: ignore[attr-defined]
    messages.success(
        request,
        _("Running. What was drafted is published as version %d.") % started.version.number,
    )
    return go_to_results(request, started)


def _show(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    template = "_run" if request.htmx else "run"  # type: ignore[attr-defined]
    return render(request, f"campaigns/schedule/{template}.html", context, status=status)


def get_campaign(pk: int) -> Campaign:
    found = Campaign.objects.present().exclude(node__kind=Node.Kind.ACTIONS)
    return get_object_or_404(found.select_related("node", "smart_list"), pk=pk)


def get_context(campaign: Campaign, draft: Draft | None = None) -> dict[str, Any]:
    draft = draft or drafts.read(campaign)
    newest = campaign.versions.first()
    is_published = versions.is_published(campaign, draft)
    return {
        "campaign": campaign,
        "tab": "schedule",
        "problems": linked(campaign, draft.problems),
        "cautions": linked(campaign, cautions.of_draft(draft)),
        "newer_drafts": references.messages_with_newer_draft(campaign),
        "open_runs": launch.open_runs(campaign),
        "limit_form": LimitForm(initial={"person_limit": campaign.person_limit}),
        **entering.shown(campaign, draft),
        **_slots(campaign),
        "version": newest.number if newest else 0,
        "next_version": (newest.number if newest else 0) + (not is_published),
        "is_published": is_published,
    }


def _slots(campaign: Campaign) -> dict[str, Any]:
    """What is planned, what waits for somebody to decide, and what became of the last ones."""
    its = campaign.slots.select_related("version", "planned_by", "decided_by", "run")
    return {
        "planned": list(its.planned()[:PLANNED_SHOWN]),
        "undecided": list(its.undecided()[:PLANNED_SHOWN]),
        "over": list(its.over()[:OVER_SHOWN]),
    }


def linked(campaign: Campaign, problems: list[Problem]) -> list[tuple[str, str]]:
    """(words, address of the place that mends it) of each problem."""
    return [
        (each.words, f"{reverse(f'campaigns:{each.tab}', args=[campaign.pk])}#{each.anchor}")
        for each in problems
    ]


def count(draft: Draft, now: datetime) -> int:
    return audience.people(draft.smart_list.spec, now=now).count()


def _behind(draft: Draft, step: str, reason: str, now: datetime) -> list[Person]:
    if not step:
        found = audience.people(draft.spec.smart_list, now=now)
        return list(found.order_by("last_name", "first_name", "pk")[:SHOWN])
    if number(step) not in {each.id for each in draft.spec.steps}:
        raise Http404
    return preflight.people_by_reason(
        draft.spec, step_id=int(step), reason=reason, now=now, limit=SHOWN
    )


def _words(step: str, reason: str) -> str:
    if not step:
        return _("People who qualify")
    return _("Will be sent") if reason == "queued" else preflight.label(reason)
