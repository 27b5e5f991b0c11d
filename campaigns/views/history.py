"""History: what was published when and by whom, what each version changed, and back to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import changes, drafts, history
from campaigns.models import Campaign, Edit, FlowVersion, Intervention

from . import canvas

PAGE = 20


@dataclass(frozen=True)
class Line:
    """One version: what became different with it, who is inside it still, and who was moved to it."""

    version: FlowVersion
    sentences: Sequence[str]
    inside: canvas.Inside | None = None
    moves: Sequence[Intervention] = ()


@require_safe
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The versions, the newest first, and above them what the draft changed since."""
    campaign = canvas.campaign_of(campaign_id)
    draft = drafts.read(campaign)
    shown, older = _shown(campaign, canvas.number(request.GET.get("before", "")))
    context = {
        "campaign": campaign,
        "tab": "history",
        "lines": list(_lines(campaign, shown)),
        "older": older,
        "edits": _unpublished(campaign),
        **canvas.state_of(campaign, draft),
        "since": _since(campaign, draft),
    }
    return render(request, "campaigns/history/page.html", context)


@require_POST
def restore(request: HttpRequest, version_id: int) -> HttpResponse:
    """Make the draft what it was when this version was published; what stood there can be had back by undo."""
    found = FlowVersion.objects.select_related("campaign")
    version = get_object_or_404(found, pk=version_id)
    campaign = canvas.campaign_of(version.campaign_id)
    try:
        history.restore(version, by=request.user, now=timezone.now())
    except history.CannotRestore:
        said = _("Version %d is from before its cards were kept: it can be read, but not restored.")
        messages.error(request, said % version.number)
        return redirect("campaigns:history", campaign.pk)
    said = _(
        "The draft is version %d again. Undo, on Flow and on Smart List, brings back what stood there."
    )
    messages.success(request, said % version.number)
    return redirect("campaigns:flow", campaign.pk)


def _shown(campaign: Campaign, before: int | None) -> tuple[list[FlowVersion], int | None]:
    """A page of versions and the one that comes after its last, which that is held against; and where the
    next page begins."""
    found = campaign.versions.select_related("published_by")
    if before is not None:
        found = found.filter(number__lt=before)
    rows = list(found[: PAGE + 1])
    return rows, rows[PAGE - 1].number if len(rows) > PAGE else None


def _lines(campaign: Campaign, shown: Sequence[FlowVersion]) -> Iterator[Line]:
    """Each against the one before it; the first of all against nothing."""
    inside = {each.version.pk: each for each in canvas.inside(campaign)}
    moves = defaultdict[int | None, list[Intervention]](list)
    for each in Intervention.objects.filter(version__in=shown).select_related("by"):
        moves[each.version_id].append(each)
    outlines = [*(changes.of_version(each) for each in shown), changes.NOTHING]
    for version, (new, old) in list(zip(shown, pairwise(outlines), strict=True))[:PAGE]:
        told = changes.between(old, new)
        yield Line(version, told, inside.get(version.pk), moves[version.pk])


def _since(campaign: Campaign, draft: drafts.Draft) -> list[str]:
    newest = campaign.versions.first()
    old = changes.of_version(newest) if newest else changes.NOTHING
    return changes.between(old, changes.of_draft(draft))


def _unpublished(campaign: Campaign) -> list[Edit]:
    """What was done to the draft since it was published last, the newest first."""
    edits = Edit.objects.filter(smart_list=campaign.smart_list_id, is_undone=False)
    newest = campaign.versions.first()
    if newest:
        edits = edits.filter(at__gt=newest.published_at)
    return list(edits.defer("before", "after").select_related("by").order_by("-at", "-pk")[:PAGE])
