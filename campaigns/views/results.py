"""The Results tab: what became of everybody in a run, while it runs and after."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, trigger_client_event

from campaigns import results, run_steps
from campaigns.models import Campaign, Entry, Run, Verdict
from campaigns.results import Which
from people import paging
from vibes.gate import Reason
from vibes.models import OutboxRow

from .live import following

RUNS_SHOWN = 50  # in the picker; a run of any age has its address


@require_safe
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """One run of a campaign (`run`, else the newest): sums, and the people by verdict."""
    campaign = _campaign(campaign_id)
    runs = list(campaign.runs.select_related("version", "started_by")[:RUNS_SHOWN])
    run = _chosen(campaign, runs, request.GET.get("run", ""))
    context: dict[str, Any] = {"campaign": campaign, "tab": "results", "runs": runs}
    if run:
        context |= following(request, run, timezone.now()) | _people(request, run)
    return render(request, "campaigns/results/page.html", context)


@require_safe
def people(request: HttpRequest, run_id: int) -> HttpResponse:
    """The table of people by itself; the page that holds it gets the address of what it shows."""
    context = _people(request, _run(run_id))
    response = render(request, "campaigns/results/_people.html", context)
    if request.htmx.trigger == "ledger":  # type: ignore[attr-defined]  # it looks again by itself
        return response
    address = reverse("campaigns:results", args=[context["campaign"].pk])
    shown = len(context["lines"])
    words = ngettext("%d line shown", "%d lines shown", shown) % shown
    trigger_client_event(response, "announce", {"text": words})
    return push_url(response, f"{address}?{context['query']}")


@require_safe
def explain(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Everything one person met in a run."""
    entries = Entry.objects.select_related("person", "run__version", "run__campaign__node")
    entry = get_object_or_404(entries, pk=entry_id)
    context = {
        "campaign": entry.run.campaign,
        "tab": "results",
        "entry": entry,
        "lines": results.explain(entry),
    }
    template = "_explain" if request.htmx else "explain"  # type: ignore[attr-defined]
    return render(request, f"campaigns/results/{template}.html", context)


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("node"), pk=pk)


def _run(pk: int) -> Run:
    found = Run.objects.select_related("version", "campaign__node", "started_by", "retry_of")
    return get_object_or_404(found, pk=pk)


def _chosen(campaign: Campaign, runs: list[Run], wanted: str) -> Run | None:
    if not wanted:
        return runs[0] if runs else None
    run = _run(paging.number(wanted) or 0)
    if run.campaign_id != campaign.pk:
        raise Http404
    return run


def _people(request: HttpRequest, run: Run) -> dict[str, Any]:
    which = _which(request)
    found = paging.page(
        results.verdicts(run, which),
        before=paging.number(request.GET.get("before", "")),
        after=paging.number(request.GET.get("after", "")),
    )
    given = {
        "step": which.step_id,
        "state": which.state,
        "reason": which.reason,
        "delivery": which.delivery,
    }
    chosen = {name: value for name, value in given.items() if value}
    return {
        "run": run,
        "campaign": run.campaign,
        "page": found,
        "lines": results.lines(run, found.rows),
        "which": which,
        "names": run_steps.of(run),
        "states": Verdict.State.choices,
        "texts": results.texts_anybody(run),
        "reasons": Reason.choices,
        "deliveries": _DELIVERIES,
        "query": urlencode({"run": run.pk, **chosen}),
        "extra": f"&{urlencode({'run': run.pk, **chosen})}#ledger",
    }


_DELIVERIES = [
    (OutboxRow.State.DELIVERED, gettext_lazy("Delivered")),
    (OutboxRow.State.UNDELIVERED, gettext_lazy("Not delivered")),
    (OutboxRow.State.ACCEPTED, gettext_lazy("No word from the carrier")),
]


def _which(request: HttpRequest) -> Which:
    asked = request.GET
    return Which(
        paging.number(asked.get("step", "")),
        asked.get("state", "")[:12],
        asked.get("reason", "")[:40],
        asked.get("delivery", "")[:12],
    )
