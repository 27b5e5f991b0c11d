"""System smart lists: what there is, whom each finds, and why others cannot be texted."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import system_lists
from campaigns.system_lists import SystemList
from people import paging, patience
from vibes.models import VibesList

from . import counted

REASONS = 3.0  # seconds for judging everybody


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every one of them; how many people each finds is asked after, one by one."""
    context = {"lists": system_lists.every()}
    return render(request, "campaigns/system_lists/index.html", context)


@require_safe
def page(request: HttpRequest, word: str) -> HttpResponse:
    """Whom one finds, newest first."""
    found = _get(word)
    context = {
        "list_": found,
        "source": f"system_list:{word}",
        "vibes_list": word.partition("textable-")[2],
        "page": paging.page(
            found.people(),
            before=paging.number(request.GET.get("before", "")),
            after=paging.number(request.GET.get("after", "")),
        ),
    }
    return render(request, "campaigns/system_lists/page.html", context)


@require_safe
def count(request: HttpRequest, word: str) -> HttpResponse:
    """How many people one finds, or about how many."""
    return counted.answer(request, _get(word).people(), question=f"system:{word}")


@require_safe
def reasons(request: HttpRequest, list_id: int) -> HttpResponse:
    """Why the others cannot be texted on a Vibes list, counted."""
    vibes_list = get_object_or_404(VibesList, pk=list_id)
    context: dict[str, Any] = {"vibes_list": vibes_list}
    try:
        with patience.at_most(REASONS):
            context["reasons"] = system_lists.reasons(vibes_list)
    except patience.TookTooLong:
        context["too_long"] = _("They are too many to be judged while you wait.")
    return render(request, "campaigns/system_lists/_reasons.html", context)


def _get(word: str) -> SystemList:
    try:
        return system_lists.get(word)
    except KeyError as gone:
        raise Http404 from gone
