"""The Members tab: everybody who ever entered a campaign, and where they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import results
from campaigns.models import Campaign, Cohort, Entry, Run
from people import paging


@dataclass(frozen=True)
class Member:
    """A person's latest entry, and where it is, in words."""

    entry: Entry
    where: str


@require_safe
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The latest entry of each person, newest first."""
    campaign = get_object_or_404(Campaign.objects.select_related("node"), pk=campaign_id)
    found = paging.page(
        _latest(campaign),
        before=paging.number(request.GET.get("before", "")),
        after=paging.number(request.GET.get("after", "")),
    )
    context = {
        "campaign": campaign,
        "tab": "members",
        "page": found,
        "members": _members(found.rows),
    }
    template = "_members" if request.htmx else "page"  # type: ignore[attr-defined]
    return render(request, f"campaigns/members/{template}.html", context)


def _latest(campaign: Campaign) -> QuerySet[Entry]:
    later = Entry.objects.filter(
        person=OuterRef("person"), run__campaign=campaign, pk__gt=OuterRef("pk")
    )
    mine = Entry.objects.filter(~Exists(later), cohort__run__campaign=campaign)
    return mine.select_related("person", "cohort", "run__version")


def _members(entries: list[Entry]) -> list[Member]:
    steps = {entry.run_id: results.step_labels(entry.run) for entry in entries}
    return [Member(entry, _where(entry, steps[entry.run_id])) for entry in entries]


def _where(entry: Entry, steps: list[str]) -> str:
    cohort = entry.cohort
    if entry.left_at:
        return _("Left the flow")
    if cohort.position >= len(steps) and cohort.state == Cohort.State.DONE:
        return _("Went through the flow")
    if entry.run.state == Run.State.CANCELLED:
        return _("Stopped with the run")
    step = steps[cohort.position - 1] if cohort.state == Cohort.State.WAITING else ""
    if step:
        return _("Waiting in step %(number)d, %(step)s") % {"number": cohort.position, "step": step}
    label = steps[cohort.position] if cohort.position < len(steps) else ""
    return _("Before step %(number)d, %(step)s") % {"number": cohort.position + 1, "step": label}
