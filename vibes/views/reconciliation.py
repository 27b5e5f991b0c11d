"""The drift page: sweeps of a service, what they found, and the buttons that start and stop one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from people import mobile, paging, spreadsheet
from people.models import Person
from vibes import sweeps, tasks
from vibes.models import Account, Drift, Sweep

from .rights import CHANGE, who_may

SWEEPS_SHOWN = 20
# After which it is said that nobody takes a sweep up.
IDLE = timedelta(seconds=60)
CHUNK = 500


@dataclass(frozen=True)
class Line:
    """A difference, and who holds the number now."""

    drift: Drift
    holders: list[Person]

    @property
    def number(self) -> str:
        return mobile.masked(self.drift.mobile)


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One sweep of a service (`sweep`, else the newest), what it found, and the other ones."""
    account = get_object_or_404(Account, pk=pk)
    earlier = list(account.sweeps.select_related("account").order_by("-pk")[:SWEEPS_SHOWN])
    wanted = paging.number(request.GET.get("sweep", ""))
    newest = earlier[0] if earlier else None
    sweep = get_object_or_404(account.sweeps, pk=wanted) if wanted else newest
    others = [each for each in earlier if each != sweep]
    context: dict[str, Any] = {"account": account, "others": others, "sweep": sweep}
    if sweep:
        context |= _progress(sweep) | _found(request, sweep)
    return render(request, "vibes/drift.html", context)


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How a sweep stands; the event `sweep-over` tells the table that it may look again."""
    sweep = get_object_or_404(Sweep.objects.select_related("account"), pk=pk)
    response = render(request, "vibes/_sweep.html", _progress(sweep))
    if sweep.state == Sweep.State.RUNNING:
        return response
    return trigger_client_event(response, "sweep-over", {})


@require_safe
def found(request: HttpRequest, pk: int) -> HttpResponse:
    """The table of differences by itself."""
    sweep = get_object_or_404(Sweep.objects.select_related("account"), pk=pk)
    return render(request, "vibes/_drifts.html", _found(request, sweep))


@who_may(CHANGE)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare all numbers; the page then follows it."""
    account = get_object_or_404(Account, pk=pk)
    sweep = sweeps.start(account, by=request.user.get_username(), now=timezone.now())
    tasks.advance_sweep.delay_on_commit(sweep_id=sweep.pk)  # type: ignore[attr-defined]
    return redirect("vibes:drift", pk)


@who_may(CHANGE)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End a sweep where it is; what it found stays."""
    sweep = get_object_or_404(Sweep, pk=pk)
    sweeps.stop(sweep, now=timezone.now())
    return redirect(f"{reverse('vibes:drift', args=[sweep.account_id])}?sweep={sweep.pk}")


@require_safe
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The differences of a sweep, as filtered, as a CSV file, streamed."""
    sweep = get_object_or_404(Sweep, pk=pk)
    lines = spreadsheet.lines(_rows(_drifts(sweep, request.GET.get("outcome", ""))))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="drift-{sweep.pk}.csv"'
    return response


# ------------------------------------------------------------------------------------------------


def _progress(sweep: Sweep) -> dict[str, Any]:
    is_open = sweep.state == Sweep.State.RUNNING
    untouched = is_open and not sweep.asked and not sweep.lease_until and not sweep.fault
    return {
        "sweep": sweep,
        "account": sweep.account,
        "is_open": is_open,
        "of": max(sweep.total, sweep.asked),
        "differences": sweep.drifts.count(),
        "nobody_works": untouched and timezone.now() - sweep.started_at > IDLE,
    }


def _found(request: HttpRequest, sweep: Sweep) -> dict[str, Any]:
    outcome = request.GET.get("outcome", "")
    shown = paging.page(
        _drifts(sweep, outcome),
        before=paging.number(request.GET.get("before", "")),
        after=paging.number(request.GET.get("after", "")),
    )
    return {
        "sweep": sweep,
        "account": sweep.account,
        "outcome": outcome,
        "outcomes": [("repaired", _("Repaired")), ("explained", _("Explained"))],
        "page": shown,
        "lines": _lines(shown.rows),
        "extra": f"&sweep={sweep.pk}&outcome={outcome}" if outcome else f"&sweep={sweep.pk}",
    }


def _drifts(sweep: Sweep, outcome: str) -> QuerySet[Drift]:
    rows = sweep.drifts.select_related("vibes_list").order_by("pk")
    return rows.filter(outcome=outcome) if outcome in Drift.Outcome.values else rows


def _lines(drifts: Sequence[Drift]) -> list[Line]:
    holders: dict[str, list[Person]] = {each.mobile: [] for each in drifts}
    for person in Person.objects.present().filter(mobile__in=holders).order_by("pk"):
        holders[person.mobile].append(person)
    return [Line(each, holders[each.mobile]) for each in drifts]


def _rows(drifts: QuerySet[Drift]) -> Iterator[list[str]]:
    yield [
        _("Mobile Phone Number"),
        _("Held by"),
        _("Vibes list"),
        _("Ours said"),
        _("Vibes says"),
        _("Outcome"),
        _("Why"),
        _("Since, by Vibes' clock"),
        _("Found at"),
    ]
    rest = drifts.iterator(CHUNK)
    while some := list(islice(rest, CHUNK)):
        yield from map(_cells, _lines(some))


def _cells(line: Line) -> list[str]:
    drift = line.drift
    return [
        line.number,
        "; ".join(f"{person} (#{person.pk})" for person in line.holders),
        drift.vibes_list.name,
        drift.get_ours_display(),
        drift.get_theirs_display(),
        drift.outcome,
        _(drift.explanation),
        drift.told_at.isoformat() if drift.told_at else "",
        drift.found_at.isoformat(),
    ]
