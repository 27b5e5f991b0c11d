"""The Smart List tab, of a campaign or of a list that stands alone: filters are added, set, moved and deleted;
how many people they find is counted beside."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from campaigns import audience, counting, drafts, editor
from campaigns.counting import Found
from campaigns.models import Campaign, Edit, SmartListFilter, SmartListTrigger
from campaigns.models.named_list import ListOwner
from campaigns.options import Options
from campaigns.registry import UnknownKind, filters, triggers
from people import patience

from . import canvas, cards

CAMPAIGN_STATE, LIST_STATE = "campaigns/flow/_state.html", "campaigns/smart_list/_list_state.html"


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, **key: int) -> HttpResponse:
    """The whole tab. A POST keeps what the open cards sent."""
    owner = canvas.owner_of(**key)
    if request.method == "POST":
        sent = canvas.keep(request, owner)
        return answer(request, owner, fresh=sent.added)
    return _page(request, owner, opened=request.GET.getlist("open"))


@require_safe
def people(request: HttpRequest, **key: int) -> HttpResponse:
    """How many people the smart list and each of its filters find now, and the first ten.

    Nothing (204) where the same page has asked again meanwhile: that answer is the one to show.
    """
    owner = canvas.owner_of(**key)
    try:
        found = _count(request, owner, timezone.now())
    except patience.AskedAnew:
        return HttpResponse(status=204)
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, owner, opened=(), found=found)
    context = {"urls": addresses(owner), "found": found, "shown_triggers": _is_triggered(owner)}
    return render(request, "campaigns/smart_list/_people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def filter_(request: HttpRequest, filter_id: int) -> HttpResponse:
    """One card, open or folded. A POST keeps what it sent: any change in any field comes here."""
    owner = _owner(_filter(filter_id))
    if request.method != "POST":
        name = f"filter-{filter_id}"
        return _card(request, owner, filter_id, opened=[name], fresh=name)
    sent = canvas.keep(request, owner)
    if canvas.edited_by_another(request, owner) or not request.htmx:  # type: ignore[attr-defined]
        return answer(request, owner)
    return _card(request, canvas.anew(owner), filter_id, opened=sent.opened)


@require_POST
def add_filter(request: HttpRequest, **key: int) -> HttpResponse:
    """Add a filter of `kind` at `position` (0-based; empty: at the end), or a trigger, which stands above them."""
    owner, kind = canvas.owner_of(**key), request.POST.get("kind", "")
    canvas.keep(request, owner)
    if isinstance(owner, Campaign) and kind in {each.kind for each in triggers.offered()}:
        return _add_trigger(request, owner, kind)
    try:
        made = editor.add_filter(
            owner.smart_list,
            kind=kind,
            at=canvas.number(request.POST.get("position", "")),
            by=request.user,
            now=timezone.now(),
        )
    except UnknownKind:
        return HttpResponseBadRequest(_("There is no such filter."))
    said = _("%(filter)s added at %(place)s") % {
        "filter": filters.get(made.kind).label,
        "place": _place(made),
    }
    return answer(request, owner, said=said, fresh=f"filter-{made.pk}")


def _add_trigger(request: HttpRequest, campaign: Campaign, kind: str) -> HttpResponse:
    was_batch = not campaign.smart_list.triggers.exists()
    made = editor.add_trigger(campaign, kind=kind, by=request.user, now=timezone.now())
    said = _("Trigger added: %s.") % triggers.get(kind).label
    if was_batch:
        said += " " + _("The campaign is triggered now: activate it on Schedule.")
    return answer(request, campaign, said=said, fresh=f"trigger-{made.pk}")


@require_POST
def delete_trigger(request: HttpRequest, trigger_id: int) -> HttpResponse:
    """Remove a trigger; a toast says which, and that without any it is a batch campaign."""
    row = _trigger(trigger_id)
    owner = _owner(row)
    canvas.keep(request, owner)
    words = _("Deleted: %s") % drafts.trigger_type(row.kind).label
    editor.delete_trigger(row, by=request.user, now=timezone.now())
    if not _is_triggered(owner):
        words += ". " + _("Without a trigger it is a batch campaign again.")
    messages.success(request, words)
    return answer(request, owner)


@require_http_methods(["GET", "HEAD", "POST"])
def move_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Bring a filter to place `to` (0-based) or, from the dialog, to `place` (1-based)."""
    row = _filter(filter_id)
    owner = _owner(row)
    to = canvas.wanted_place(request)
    if to is None:
        return canvas.ask_where(
            request, owner, name=_name(row), row=row, count=row.smart_list.filters.count()
        )
    canvas.keep(request, owner)
    editor.move_filter(row, to=to, by=request.user, now=timezone.now())
    row.refresh_from_db()
    return answer(request, owner, said=_moved(row))


@require_POST
def reorder_filters(request: HttpRequest, **key: int) -> HttpResponse:
    """Bring the filters into the order of the list, as dragging left it."""
    owner = canvas.owner_of(**key)
    canvas.keep(request, owner)
    ids = [int(pk) for pk in request.POST.getlist("filter") if pk.isdecimal()]
    moved = canvas.dragged(request) or 0
    try:
        editor.reorder_filters(
            owner.smart_list, filter_ids=ids, moved=moved, by=request.user, now=timezone.now()
        )
    except editor.FlowChanged:
        messages.warning(
            request, _("Somebody else changed the smart list. Here is what is there now.")
        )
        return answer(request, owner)
    row = owner.smart_list.filters.filter(pk=moved).first()
    said = _moved(row) if row else ""
    return answer(request, owner, said=said)


@require_POST
def duplicate_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    row = _filter(filter_id)
    owner = _owner(row)
    canvas.keep(request, owner)
    row.refresh_from_db()
    copy = editor.duplicate_filter(row, by=request.user, now=timezone.now())
    said = _("%(filter)s duplicated at %(place)s") % {"filter": _name(row), "place": _place(copy)}
    return answer(request, owner, said=said)


@require_POST
def delete_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Remove a filter; a toast says which."""
    row = _filter(filter_id)
    owner = _owner(row)
    canvas.keep(request, owner)
    row.refresh_from_db()
    messages.success(request, _("Deleted: %s") % _name(row))
    editor.delete_filter(row, by=request.user, now=timezone.now())
    return answer(request, owner)


@require_POST
def undo(request: HttpRequest, **key: int) -> HttpResponse:
    owner = canvas.owner_of(**key)
    canvas.undo(request, owner, Edit.Side.LIST)
    return answer(request, owner)


@require_POST
def redo(request: HttpRequest, **key: int) -> HttpResponse:
    owner = canvas.owner_of(**key)
    canvas.redo(request, owner, Edit.Side.LIST)
    return answer(request, owner)


# --- Answers --------------------------------------------------------------------------------------


def answer(
    request: HttpRequest, owner: ListOwner, *, said: str = "", fresh: str = ""
) -> HttpResponse:
    """The whole smart list as it is now; without htmx the page, anew. Open cards stay open."""
    owner = canvas.anew(owner)
    opened = {*canvas.opened(request), fresh} - {""}
    if not request.htmx:  # type: ignore[attr-defined]
        if said:
            messages.info(request, said)
        query = urlencode([("open", each) for each in sorted(opened)])
        return HttpResponseRedirect(f"{addresses(owner)['page']}?{query}")
    context = _context(owner, opened=opened, fresh=fresh)
    response = render(request, "campaigns/smart_list/_smart_list.html", context)
    trigger_client_event(response, "close-dialog", {})
    trigger_client_event(response, "audience-changed", {})
    return canvas.announce(canvas.whole(request, response), said)


def _card(
    request: HttpRequest,
    owner: ListOwner,
    filter_id: int,
    *,
    opened: Collection[str],
    fresh: str = "",
) -> HttpResponse:
    """One card, of a smart list read without the flow; after a change with the rule and what undo does beside it.
    Without htmx the whole page."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, owner, opened=opened)
    found, name = drafts.read_list(owner, steps=()).smart_list, f"filter-{filter_id}"
    shown = cards.show_filters(found, opened=opened, fresh=fresh, only=name)
    if not shown:
        return answer(request, owner)
    context = _common(owner, found) | {"shown": shown[0], "card": shown[0].card}
    template = "smart_list/_changed" if request.method == "POST" else "filters/_card"
    response = render(request, f"campaigns/{template}.html", context)
    trigger_client_event(response, "audience-changed", {})
    return canvas.changed(response) if request.method == "POST" else response


def _page(
    request: HttpRequest,
    owner: ListOwner,
    *,
    opened: Collection[str],
    found: Found | None = None,
) -> HttpResponse:
    context = _context(owner, opened=opened) | {
        "tab": "smart-list",
        "palette": _palette(owner),
        "found": found,
    }
    return render(request, "campaigns/smart_list/page.html", context)


def _is_triggered(owner: ListOwner) -> bool:
    return isinstance(owner, Campaign) and owner.smart_list.triggers.exists()


def _palette(owner: ListOwner) -> cards.Palette:
    """Only a campaign can be triggered; a list that stands alone asks only."""
    return cards.palette(*([triggers, filters] if isinstance(owner, Campaign) else [filters]))


def _context(owner: ListOwner, *, opened: Collection[str], fresh: str = "") -> dict[str, Any]:
    draft = drafts.read_list(owner)
    template = CAMPAIGN_STATE if isinstance(owner, Campaign) else LIST_STATE
    return {
        **_common(owner, draft.smart_list),
        "shown": cards.show_filters(draft.smart_list, opened=opened, fresh=fresh),
        "shown_triggers": cards.show_triggers(draft.smart_list),
        "state_template": template,
        **canvas.state_beside(owner, draft),
    }


def _common(owner: ListOwner, found: drafts.ListCards) -> dict[str, Any]:
    """What one card and the whole smart list need alike."""
    common = {"owner": owner, "urls": addresses(owner), "list": found}
    return common | canvas.undoing(owner, Edit.Side.LIST)


def addresses(owner: ListOwner) -> dict[str, str]:
    """Where a smart list is shown, counted, added to and put into order."""
    named = {"page": "named-list", "count": "count-named-list", "add": "add-to-named-list"}
    named["reorder"] = "reorder-named-list"
    if isinstance(owner, Campaign):
        named = {"page": "smart-list", "count": "smart-list-people", "add": "add-filter"}
        named["reorder"] = "reorder-filters"
    return {word: reverse(f"campaigns:{name}", args=[owner.pk]) for word, name in named.items()}


def _count(request: HttpRequest, owner: ListOwner, now: datetime) -> Found:
    """What the smart list and each complete filter of it find."""
    found = drafts.ListCards(owner.smart_list, of_campaign=isinstance(owner, Campaign))
    each = {card.row.pk: card.q(now=now) for card in found.cards if card.is_valid}
    whole = None
    if found.is_valid:
        smart_list = found.smart_list
        whole = audience.join(list(each.values()), match=smart_list.match, rule=smart_list.logic)
        if found.triggers and not found.cards:
            whole = Q()  # the event chooses
    name = f"{request.session.session_key}:{owner.smart_list.pk}"
    return counting.find(whole, each, name=name)


# --- Words ----------------------------------------------------------------------------------------


def _filter(filter_id: int) -> SmartListFilter:
    """A filter of a campaign's smart list, or of one that stands alone; not of a choice's condition."""
    found = SmartListFilter.objects.select_related("smart_list")
    return get_object_or_404(found, pk=filter_id, smart_list__choice=None)


def _trigger(trigger_id: int) -> SmartListTrigger:
    found = SmartListTrigger.objects.select_related("smart_list")
    return get_object_or_404(found, pk=trigger_id)


def _owner(row: SmartListFilter | SmartListTrigger) -> ListOwner:
    return canvas.anew(editor.owner_of(row.smart_list))


def _name(row: SmartListFilter) -> str:
    return drafts.FilterCard(row, 0, Options()).summary


def _place(row: SmartListFilter) -> str:
    return canvas.place(row.position, row.smart_list.filters.count())


def _moved(row: SmartListFilter) -> str:
    return _("%(filter)s moved to %(place)s") % {"filter": _name(row), "place": _place(row)}
