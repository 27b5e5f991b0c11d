"""What the Flow and the Smart List tab have in common: keep what was sent, do one thing, draw what is there now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from campaigns import drafts, history, versions
from campaigns.models import (
    Campaign,
    Cohort,
    Edit,
    Entry,
    FlowStep,
    FlowVersion,
    NamedList,
    Node,
    Run,
    SmartListFilter,
)
from campaigns.models.named_list import ListOwner

from .posted import Posted


def campaign_of(campaign_id: int) -> Campaign:
    """The campaign with what its page shows."""
    found = Campaign.objects.select_related("node", "smart_list", "edited_by")
    return get_object_or_404(found.present().exclude(node__kind=Node.Kind.ACTIONS), pk=campaign_id)


def owner_of(*, campaign_id: int = 0, list_id: int = 0) -> ListOwner:
    """What the smart list of a page belongs to, as its address names it."""
    if campaign_id:
        return campaign_of(campaign_id)
    found = NamedList.objects.select_related("node", "smart_list", "edited_by")
    return get_object_or_404(found.present(), pk=list_id)


def anew(owner: ListOwner) -> ListOwner:
    """The same, as it is stored now."""
    key = "campaign_id" if isinstance(owner, Campaign) else "list_id"
    return owner_of(**{key: owner.pk})


def keep(request: HttpRequest, owner: ListOwner) -> Posted:
    """Keep what every open card of the page sent; say so when somebody else edited meanwhile."""
    sent = Posted(request.POST, request.user, timezone.now())
    with transaction.atomic():
        history.lock(owner)
        seen = number(request.POST.get("revision", ""))
        if seen is not None:
            sent.taken_back = history.taken_back(owner, seen=seen, by=request.user)
        draft = drafts.read_list(owner, steps=sent.steps)
        sent.keep_list(draft.smart_list)
        sent.keep_steps(draft.steps)
    if edited_by_another(request, owner):
        messages.warning(request, _words(owner, sent))
    return sent


def opened(request: HttpRequest) -> set[str]:
    """The cards that were open when this was sent, and stay so."""
    return Posted(request.POST, request.user, timezone.now()).opened


def edited_by_another(request: HttpRequest, owner: ListOwner) -> bool:
    """Whether the page was drawn before somebody else's last edit."""
    seen = request.POST.get("revision", "")
    return seen.isdecimal() and int(seen) < owner.revision and owner.edited_by_id != request.user.pk


def _words(owner: ListOwner, sent: Posted) -> str:
    words = _("%(name)s changed this smart list at %(time)s. Here is what is there now.")
    if isinstance(owner, Campaign):
        words = _("%(name)s changed this campaign at %(time)s. Here is what is there now.")
    said = words % {
        "name": owner.edited_by or _("Somebody"),
        "time": time_format(timezone.localtime(owner.edited_at)),
    }
    if not sent.overwritten:
        return said
    theirs = "; ".join(f"“{each}”" for each in sent.overwritten)
    return said + " " + _("Your setting was kept instead of theirs, which was: %s.") % theirs


def whole(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Put the answer in place of the whole draft, also where only a card was asked for.

    htmx looks from the button that asked. Where another answer has taken its card away meanwhile, that button is on
    no page any more: what it belonged to is exchanged out of sight, and the page stays as it is.
    """
    if request.htmx.target == "draft":  # type: ignore[attr-defined]
        return response
    response = retarget(response, "closest #draft, closest [data-card]")
    return reswap(response, "morph")  # type: ignore[arg-type]  # of an extension


def changed(response: HttpResponse) -> HttpResponse:
    """Have the page ask what is wrong with the draft now (`views.draft_state`): a card is answered without it."""
    return trigger_client_event(response, "draft-changed", {})


def announce(response: HttpResponse, words: str) -> HttpResponse:
    """Have the words read out, where there are any."""
    return trigger_client_event(response, "announce", {"text": words}) if words else response


# --- Undo and redo --------------------------------------------------------------------------------


def undoing(owner: ListOwner, side: str) -> dict[str, Any]:
    """What the buttons say and where they lead."""
    at = {"list": "named-list", "flow": "flow"}[side]
    if isinstance(owner, Campaign) and side == Edit.Side.LIST:
        at = "smart-list"
    ends = history.stack(owner, side)
    buttons = [
        Button("undo", _("Undo"), reverse(f"campaigns:undo-{at}", args=[owner.pk]), ends.undo),
        Button("redo", _("Redo"), reverse(f"campaigns:redo-{at}", args=[owner.pk]), ends.redo),
    ]
    return {"undoing": buttons}


@dataclass(frozen=True)
class Button:
    """Undo or redo: what it would change, None where there is nothing."""

    action: str
    label: str
    url: str
    edit: Edit | None

    @property
    def icon(self) -> str:
        return "arrow-counterclockwise" if self.action == "undo" else "arrow-clockwise"

    @property
    def keys(self) -> str:
        return "Control+Z Meta+Z" if self.action == "undo" else "Control+Shift+Z Meta+Shift+Z"

    @property
    def words(self) -> str:
        """The whole name of the button: `Undo delete “Wait 2 days” (Ada)`."""
        return f"{self.label} {_edit_words(self.edit)}" if self.edit else self.label


def undo(request: HttpRequest, owner: ListOwner, side: str) -> None:
    """Keep what was sent, and undo the newest edit; say which, or why not."""
    keep(request, owner)
    seen, now = number(request.POST.get("seen", "")) or 0, timezone.now()
    try:
        edit = history.undo(owner, side, seen=seen, by=request.user, now=now)
    except history.NothingToUndo:
        messages.info(request, _("There is nothing to undo."))
    except history.EditedMeanwhile as other:
        said = _("Nothing was undone, for somebody else was here since: %s. Look, and undo again.")
        messages.warning(request, said % _edit_words(other.edit))
    else:
        messages.success(request, _("Undone: %s") % edit)


def redo(request: HttpRequest, owner: ListOwner, side: str) -> None:
    """Keep what was sent, and do again what was undone last. What was typed since leaves nothing to do again."""
    keep(request, owner)
    seen, now = number(request.POST.get("seen", "")) or 0, timezone.now()
    try:
        edit = history.redo(owner, side, seen=seen, by=request.user, now=now)
    except history.NothingToUndo:
        messages.info(request, _("There is nothing to redo."))
    except history.EditedMeanwhile as other:
        said = _("Nothing was done again, for somebody else undid since: %s. Look, and redo again.")
        messages.warning(request, said % _edit_words(other.edit))
    else:
        messages.success(request, _("Done again: %s") % edit)


def _edit_words(edit: Edit) -> str:
    return f"{edit} ({edit.by})" if edit.by else str(edit)


# --- Versions -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inside:
    """So many people are inside a version, of whom so many wait in a step."""

    version: FlowVersion
    people: int
    waiting: int


def state_of(campaign: Campaign, draft: drafts.Draft) -> dict[str, Any]:
    """How the draft stands to what was published, and who is still inside older versions."""
    newest = campaign.versions.first()
    published = versions.is_published(campaign, draft) if newest else False
    current = newest.number if published and newest else None
    return {
        "newest": newest,
        "is_published": published,
        "issues": draft.problems,
        "inside": [each for each in inside(campaign) if each.version.number != current],
    }


def state_beside(owner: ListOwner, draft: drafts.Draft | drafts.ListDraft) -> dict[str, Any]:
    """What is said beside the cards of a draft: of a campaign, or of a smart list that stands alone."""
    if isinstance(draft, drafts.Draft):
        return {"campaign": owner, **state_of(draft.campaign, draft)}
    return {"named": owner, "issues": draft.problems}


def inside(campaign: Campaign) -> list[Inside]:
    """The versions that have people inside, of runs that go on, the oldest first."""
    if not campaign.runs.filter(state__in=Run.OPEN).exists():
        return []
    going = Cohort.objects.filter(run__campaign=campaign, run__state__in=Run.OPEN)
    there = Entry.objects.filter(cohort__in=going.exclude(state=Cohort.State.DONE), left_at=None)
    counted = (
        there.annotate(inside=Coalesce("cohort__version", "cohort__run__version"))
        .values_list("inside")
        .annotate(
            people=Count("pk"),
            waiting=Count("pk", filter=Q(cohort__state=Cohort.State.WAITING)),
        )
    )
    found = {pk: figures for pk, *figures in counted.order_by()}
    rows = campaign.versions.defer("content", "draft").filter(pk__in=found).order_by("number")
    return [Inside(version, *found[version.pk]) for version in rows]


# --- Places ---------------------------------------------------------------------------------------


def number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None


def wanted_place(request: HttpRequest) -> int | None:
    """Where a card shall go (0-based): by a button (`to`), or by the dialog (`place`, 1-based)."""
    to, place = (number(request.POST.get(name, "")) for name in ("to", "place"))
    return to if to is not None else None if place is None else max(0, place - 1)


def ask_where(
    request: HttpRequest,
    owner: ListOwner,
    *,
    name: str,
    row: FlowStep | SmartListFilter,
    count: int,
) -> HttpResponse:
    """The dialog (without htmx a page) that asks for a position."""
    context = {
        "campaign": owner if isinstance(owner, Campaign) else None,
        "node": owner.node,
        "card": f"{'step' if isinstance(row, FlowStep) else 'filter'}-{row.pk}",
        "name": name,
        "place": row.position + 1,
        "count": count,
        "url": request.path,
    }
    template = "_move_dialog" if request.htmx else "move_page"  # type: ignore[attr-defined]
    return render(request, f"campaigns/cards/{template}.html", context)


def place(position: int, count: int) -> str:
    return _("%(place)d of %(count)d") % {"place": position + 1, "count": count}


def dragged(request: HttpRequest) -> int:
    """The card that was dragged, where the page says which; else 0."""
    return number(request.POST.get("dragged", "").rpartition("-")[2]) or 0
