"""The Smart List tab: filters are added, set, moved and deleted; how many people they find is counted beside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
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

from campaigns import audience, drafts, editor
from campaigns.models import Campaign, SmartListFilter
from campaigns.options import Options
from campaigns.registry import UnknownKind, filters
from people.models import Person

from . import canvas, cards


@dataclass(frozen=True)
class Found:
    """How many people a smart list finds: in all (None while it is not complete), by filter; the first few."""

    total: int | None
    by_filter: dict[int, int]
    first: list[Person]


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The whole tab. A POST keeps what the open cards sent."""
    campaign = canvas.campaign_of(campaign_id)
    if request.method == "POST":
        sent = canvas.keep(request, campaign)
        return answer(request, campaign_id, fresh=sent.added)
    return _page(request, campaign, opened=request.GET.getlist("open"))


@require_safe
def people(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """How many people the smart list and each of its filters find now, and the first ten."""
    campaign = canvas.campaign_of(campaign_id)
    found = _count(drafts.ListCards(campaign.smart_list), timezone.now())
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, campaign, opened=(), found=found)
    return render(
        request, "campaigns/smart_list/_people.html", {"campaign": campaign, "found": found}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def filter_(request: HttpRequest, filter_id: int) -> HttpResponse:
    """One card, open or folded. A POST keeps what it sent: any change in any field comes here."""
    campaign = _campaign(_filter(filter_id))
    if request.method != "POST":
        name = f"filter-{filter_id}"
        return _card(request, campaign, filter_id, opened=[name], fresh=name)
    sent = canvas.keep(request, campaign)
    if canvas.edited_by_another(request, campaign) or not request.htmx:  # type: ignore[attr-defined]
        return answer(request, campaign.pk)
    return _card(request, canvas.campaign_of(campaign.pk), filter_id, opened=sent.opened)


@require_POST
def add_filter(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Add a filter of `kind` at `position` (0-based; empty: at the end)."""
    campaign = canvas.campaign_of(campaign_id)
    canvas.keep(request, campaign)
    try:
        made = editor.add_filter(
            campaign.smart_list,
            kind=request.POST.get("kind", ""),
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
    return answer(request, campaign_id, said=said, fresh=f"filter-{made.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def move_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Bring a filter to place `to` (0-based) or, from the dialog, to `place` (1-based)."""
    row = _filter(filter_id)
    campaign = _campaign(row)
    to = canvas.wanted_place(request)
    if to is None:
        return canvas.ask_where(
            request, campaign, name=_name(row), row=row, count=row.smart_list.filters.count()
        )
    canvas.keep(request, campaign)
    editor.move_filter(row, to=to, by=request.user, now=timezone.now())
    row.refresh_from_db()
    return answer(request, campaign.pk, said=_moved(row))


@require_POST
def reorder_filters(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Bring the filters into the order of the list, as dragging left it."""
    campaign = canvas.campaign_of(campaign_id)
    canvas.keep(request, campaign)
    ids = [int(pk) for pk in request.POST.getlist("filter") if pk.isdecimal()]
    try:
        editor.reorder_filters(
            campaign.smart_list, filter_ids=ids, by=request.user, now=timezone.now()
        )
    except editor.FlowChanged:
        messages.warning(
            request, _("Somebody else changed the smart list. Here is what is there now.")
        )
        return answer(request, campaign_id)
    row = campaign.smart_list.filters.filter(pk=canvas.dragged(request)).first()
    said = _moved(row) if row else ""
    return answer(request, campaign_id, said=said)


@require_POST
def duplicate_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    row = _filter(filter_id)
    campaign = _campaign(row)
    canvas.keep(request, campaign)
    row.refresh_from_db()
    copy = editor.duplicate_filter(row, by=request.user, now=timezone.now())
    said = _("%(filter)s duplicated at %(place)s") % {"filter": _name(row), "place": _place(copy)}
    return answer(request, campaign.pk, said=said)


@require_POST
def delete_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Remove a filter; a toast says which."""
    row = _filter(filter_id)
    campaign = _campaign(row)
    canvas.keep(request, campaign)
    row.refresh_from_db()
    messages.success(request, _("Deleted: %s") % _name(row))
    editor.delete_filter(row, by=request.user, now=timezone.now())
    return answer(request, campaign.pk)


# --- Answers --------------------------------------------------------------------------------------


def answer(
    request: HttpRequest, campaign_id: int, *, said: str = "", fresh: str = ""
) -> HttpResponse:
    """The whole smart list as it is now; without htmx the page, anew. Open cards stay open."""
    campaign = canvas.campaign_of(campaign_id)
    opened = {*canvas.opened(request), fresh} - {""}
    if not request.htmx:  # type: ignore[attr-defined]
        if said:
            messages.info(request, said)
        query = urlencode([("open", each) for each in sorted(opened)])
        return HttpResponseRedirect(
            f"{reverse('campaigns:smart-list', args=[campaign.pk])}?{query}"
        )
    context = _context(campaign, opened=opened, fresh=fresh)
    response = render(request, "campaigns/smart_list/_smart_list.html", context)
    trigger_client_event(response, "close-dialog", {})
    trigger_client_event(response, "audience-changed", {})
    return canvas.announce(canvas.whole(request, response), said)


def _card(
    request: HttpRequest,
    campaign: Campaign,
    filter_id: int,
    *,
    opened: Collection[str],
    fresh: str = "",
) -> HttpResponse:
    """One card; after a change with the rule and the counts beside it. Without htmx the whole page."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, campaign, opened=opened)
    context = _context(campaign, opened=opened, fresh=fresh, only=f"filter-{filter_id}")
    if not context["shown"]:
        return answer(request, campaign.pk)
    shown = context["shown"][0]
    context |= {"shown": shown, "card": shown.card}
    template = "smart_list/_changed" if request.method == "POST" else "filters/_card"
    response = render(request, f"campaigns/{template}.html", context)
    return trigger_client_event(response, "audience-changed", {})


def _page(
    request: HttpRequest,
    campaign: Campaign,
    *,
    opened: Collection[str],
    found: Found | None = None,
) -> HttpResponse:
    context = _context(campaign, opened=opened) | {
        "tab": "smart-list",
        "palette": cards.palette(filters),
        "found": found,
    }
    return render(request, "campaigns/smart_list/page.html", context)


def _context(
    campaign: Campaign, *, opened: Collection[str], fresh: str = "", only: str = ""
) -> dict[str, Any]:
    draft = drafts.read(campaign)
    shown = cards.show_filters(draft.smart_list, opened=opened, fresh=fresh, only=only)
    state = canvas.state_of(campaign, draft)
    return {"campaign": campaign, "list": draft.smart_list, "shown": shown, **state}


def _count(cards: drafts.ListCards, now: datetime) -> Found:
    """Count the smart list and each complete filter of it, in two statements."""
    each = {card.row.pk: card.q(now=now) for card in cards.cards if card.is_valid}
    if not cards.is_valid:
        return Found(None, _by_filter(audience.counts(_named(each))), [])
    smart_list = cards.smart_list
    whole = audience.join(list(each.values()), match=smart_list.match, rule=smart_list.logic)
    counted = audience.counts({"whole": whole, **_named(each)})
    first = Person.objects.present().filter(whole).order_by("last_name", "first_name", "pk")
    return Found(counted.pop("whole"), _by_filter(counted), list(first[:10]))


def _named(each: Mapping[int, Q]) -> dict[str, Q]:
    return {f"filter_{pk}": condition for pk, condition in each.items()}


def _by_filter(counted: Mapping[str, int]) -> dict[int, int]:
    return {int(name.removeprefix("filter_")): count for name, count in counted.items()}


# --- Words ----------------------------------------------------------------------------------------


def _filter(filter_id: int) -> SmartListFilter:
    found = SmartListFilter.objects.select_related("smart_list__campaign")
    return get_object_or_404(found, pk=filter_id, smart_list__campaign__isnull=False)


def _campaign(row: SmartListFilter) -> Campaign:
    return canvas.campaign_of(row.smart_list.campaign.pk)


def _name(row: SmartListFilter) -> str:
    return drafts.FilterCard(row, 0, Options()).summary


def _place(row: SmartListFilter) -> str:
    return canvas.place(row.position, row.smart_list.filters.count())


def _moved(row: SmartListFilter) -> str:
    return _("%(filter)s moved to %(place)s") % {"filter": _name(row), "place": _place(row)}
