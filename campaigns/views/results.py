"""The Results tab: what became of everybody in a run, while it runs and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, push_url, trigger_client_event

from campaigns import launch, results
from campaigns.models import Campaign, Entry, Run, Verdict
from campaigns.results import Line, StepSum, Which
from people import paging, spreadsheet
from people.models import Person
from vibes.gate import Reason
from vibes.models import OutboxRow

RUNS_SHOWN = 50  # in the picker; a run of any age has its address
SLOWLY = 200_000  # verdicts, from where on a page that follows the run asks less often
LISTENING = timedelta(minutes=10)  # after the end of a run, for receipts of its texts
JUST_OVER = timedelta(seconds=15)
IDLE = timedelta(seconds=30)  # after which it is said that nobody takes up a run


@require_safe
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """One run of a campaign (`run`, else the newest): sums, and the people by verdict."""
    campaign = _campaign(campaign_id)
    runs = list(campaign.runs.select_related("version", "started_by")[:RUNS_SHOWN])
    run = _chosen(campaign, runs, request.GET.get("run", ""))
    context: dict[str, Any] = {"campaign": campaign, "tab": "results", "runs": runs}
    if run:
        context |= _live(run, timezone.now()) | _people(request, run)
    return render(request, "campaigns/results/page.html", context)


@require_safe
def live(request: HttpRequest, run_id: int) -> HttpResponse:
    """The sums as they stand, and what the frame says of the services' health by now.

    The event `run-over` tells the table that it may look again.
    """
    run = _run(run_id)
    now = timezone.now()
    response = render(request, "campaigns/results/_news.html", _live(run, now))
    just_over = run.finished_at is not None and now - run.finished_at < JUST_OVER
    return trigger_client_event(response, "run-over", {}) if just_over else response


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


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask whether to stop; a POST stops for good and says how many texts that saved and how many went."""
    run = _run(run_id)
    if request.method == "POST":
        _stop(request, run)
        return _go(request, run)
    context = {"campaign": run.campaign, "tab": "results", "run": run, "steps": results.sums(run)}
    template = "_stop" if request.htmx else "stop"  # type: ignore[attr-defined]
    return render(request, f"campaigns/results/{template}.html", context)


@require_safe
def export(request: HttpRequest, run_id: int) -> StreamingHttpResponse:
    """Everybody of the table as a CSV file, streamed."""
    run = _run(run_id)
    rows = _rows(run, results.verdicts(run, _which(request)))
    response = StreamingHttpResponse(
        spreadsheet.lines(rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="results-{run.pk}.csv"'
    return response


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("node"), pk=pk)


def _run(pk: int) -> Run:
    found = Run.objects.select_related("version", "campaign__node", "started_by")
    return get_object_or_404(found, pk=pk)


def _chosen(campaign: Campaign, runs: list[Run], wanted: str) -> Run | None:
    if not wanted:
        return runs[0] if runs else None
    run = _run(paging.number(wanted) or 0)
    if run.campaign_id != campaign.pk:
        raise Http404
    return run


def _live(run: Run, now: datetime) -> dict[str, Any]:
    steps = results.sums(run)
    return {
        "run": run,
        "campaign": run.campaign,
        "steps": steps,
        "progress": results.progress(run, steps),
        "listening": _listening(run, steps, now),
        "seconds": _seconds(run, steps),
        "waits_for": launch.waits_for(run) if run.is_open else [],
        "nobody_works": run.state == Run.State.ENROLLING and now - run.started_at > IDLE,
    }


def _seconds(run: Run, steps: list[StepSum]) -> int:
    """How often a page that follows the run looks again."""
    if not run.is_open:
        return 5
    return 10 if run.entered * len(steps) > SLOWLY else 2


def _listening(run: Run, steps: list[StepSum], now: datetime) -> bool:
    """Whether a run just over still waits for words from carriers, so that the page looks on."""
    waits = any(each.texts and each.texts.without_word for each in steps)
    return waits and run.finished_at is not None and now - run.finished_at < LISTENING


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
        "names": results.step_names(run),
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


def _stop(request: HttpRequest, run: Run) -> None:
    if not run.is_open:
        messages.info(request, _("This run was over already."))
        return
    saved = launch.stop(run, now=timezone.now())
    went = sum(each.texts.sent for each in results.sums(run) if each.texts)
    kept = ngettext("%d text was stopped", "%d texts were stopped", saved) % saved
    gone = ngettext("%d had gone", "%d had gone", went) % went
    messages.success(request, f"{kept}, {gone}.")


def _go(request: HttpRequest, run: Run) -> HttpResponse:
    url = f"{reverse('campaigns:results', args=[run.campaign_id])}?run={run.pk}"
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def _rows(run: Run, found: Any) -> Iterator[list[str]]:
    words = [_("Person"), *[str(_field(name)) for name in _PERSON]]
    yield [*words, _("Step"), _("Verdict"), _("Why"), _("Text"), _("Parts"), _("Delivery"), _("At")]
    for chunk in results.in_chunks(found):
        for line in results.lines(run, chunk):
            yield _row(line)


_PERSON = ["first_name", "last_name", "email", "mobile"]


def _field(name: str) -> Any:
    return Person._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def _row(line: Line) -> list[str]:
    verdict, row = line.verdict, line.row
    return [
        str(verdict.person_id),
        *[getattr(verdict.person, name) for name in _PERSON],
        f"{line.number}. {line.step}",
        str(verdict.get_state_display()),
        line.why,
        row.text if row else "",
        str(row.parts) if row and row.text else "",
        str(row.get_state_display()) if row else "",
        verdict.at.isoformat(timespec="seconds"),
    ]
