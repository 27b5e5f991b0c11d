"""Lists in the tree: the People tab of a smart list, and the page of a static list."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import audience, drafts, tree
from campaigns.drafts import Draft, ListDraft
from campaigns.models import PlacedList
from campaigns.models.named_list import ListOwner
from people import paging
from people.models import Person, PersonQuerySet, StaticList

from . import canvas, counted, nodes


@require_safe
def people(request: HttpRequest, list_id: int) -> HttpResponse:
    """Whom a smart list finds now, newest first; nobody while it is not complete."""
    named = canvas.owner_of(list_id=list_id)
    draft, found = _found(named)
    context = {
        "named": named,
        "tab": "people",
        "problems": draft.problems,
        "sentence": draft.smart_list.sentence,
        "source": f"smart_list:{named.pk}",
        "page": _page(request, found),
    }
    return render(request, "campaigns/lists/people.html", context)


@require_safe
def count(request: HttpRequest, list_id: int) -> HttpResponse:
    """How many people a smart list finds now, or about how many."""
    _, found = _found(canvas.owner_of(list_id=list_id))
    return counted.answer(request, found, question=f"smart-list:{list_id}")


def _found(named: ListOwner) -> tuple[Draft | ListDraft, PersonQuerySet]:
    draft = drafts.read_list(named)
    if draft.problems:
        return draft, Person.objects.none()
    return draft, audience.people(draft.smart_list.spec, now=timezone.now())


@require_safe
def static(request: HttpRequest, list_id: int) -> HttpResponse:
    """Who is on a static list, beside the tree."""
    placed = get_object_or_404(
        PlacedList.objects.filter(node__binned_at=None).select_related("node", "static_list"),
        static_list=list_id,
    )
    found = Person.objects.present().filter(static_lists=placed.static_list)
    context = {
        "node": placed.node,
        "list": placed.static_list,
        "count": paging.count_in_words(found),
        "source": f"static_list:{placed.static_list_id}",
        "page": _page(request, found),
    }
    return render(request, "campaigns/lists/static.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, list_id: int) -> HttpResponse:
    """Put a static list of the database into the tree: ask where."""
    static_list = get_object_or_404(StaticList, pk=list_id)
    form = nodes.PlaceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            placed = tree.place(static_list, parent=form.place(), now=timezone.now())
            messages.success(request, _("“%s” is in the tree.") % static_list)
            return nodes.go(request, placed.node)
        except tree.TreeError as refused:
            form.add_error("parent", str(refused))
    return nodes.ask(request, form, title=_("Put “%s” into the tree") % static_list, verb=_("Put"))


def _page(request: HttpRequest, found: PersonQuerySet) -> paging.Page[Person, int]:
    return paging.page(
        found,
        before=paging.number(request.GET.get("before", "")),
        after=paging.number(request.GET.get("after", "")),
    )
