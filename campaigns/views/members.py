"""The Members tab: everybody who ever entered a campaign, and where they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import run_steps, versions
from campaigns.models import Campaign, Cohort, Entry, Run, Verdict
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
    return mine.select_related("person", "cohort__version", "cohort__run__version", "run")


def _members(entries: list[Entry]) -> list[Member]:
    steps = {
        (entry.run_id, entry.cohort.version_id): run_steps.labels(entry.cohort) for entry in entries
    }
    due = _goes_on(entries)
    return [
        Member(entry, _where(entry, steps[entry.run_id, entry.cohort.version_id], entry.pk in due))
        for entry in entries
    ]


def _goes_on(entries: list[Entry]) -> set[int]:
    """Those who were moved to a version that has not the wait any more in which they stand: they go on at once."""
    moved = {
        each.pk: versions.step_before(each.cohort) for each in entries if each.cohort.version_id
    }
    waiting = Verdict.objects.filter(entry__among=moved, state=Verdict.State.WAITING)
    return {pk for pk, at in waiting.values_list("entry", "step_id") if moved[pk] != at}


def _where(entry: Entry, steps: list[str], is_due: bool) -> str:
    cohort = entry.cohort
    if entry.left_at:
        return _("Left the flow")
    if cohort.position >= len(steps) and cohort.state == Cohort.State.DONE:
        return _("Went through the flow")
    if entry.run.state == Run.State.CANCELLED:
        return _("Stopped with the run")
    if cohort.state == Cohort.State.WAITING and not is_due:
        step = steps[cohort.position - 1]
        return _("Waiting in step %(number)d, %(step)s") % {"number": cohort.position, "step": step}
    if cohort.position >= len(steps):
        return _("Behind the last step")
    label = steps[cohort.position]
    return _("Before step %(number)d, %(step)s") % {"number": cohort.position + 1, "step": label}
