"""One person: memberships, what happened, and whether they may be texted. The first tab is `info`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from people import history, lists, paging
from people.models import Person, StaticList
from people.views.one import frame, person


@require_safe
def memberships(request: HttpRequest, pk: int) -> HttpResponse:
    """Static lists, and what other apps know the person to be a member of."""
    one = person(pk)
    context = frame(one, "memberships") | {
        "memberships": _memberships(one),
        "other_lists": StaticList.objects.exclude(members=one).order_by("name"),
        "panels": _panels(settings.PERSON_MEMBERSHIPS, one),
    }
    return render(request, "people/person_memberships.html", context)


@require_safe
def permission(request: HttpRequest, pk: int) -> HttpResponse:
    """May we text? Other apps answer (settings.PERSON_PANELS)."""
    one = person(pk)
    context = frame(one, "permission") | {"panels": _panels(settings.PERSON_PANELS, one)}
    return render(request, "people/person_permission.html", context)


@require_safe
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """The history; older lines below the one named by `before`; or all those opened so far.

    `kind`: only lines of this kind, or of these.
    """
    one = person(pk)
    before = history.mark(request.GET.get("before", ""))
    pages = len(request.GET.getlist("page"))
    kinds = history.chosen(request.GET.getlist("kind"))
    context = {
        "person": one,
        "log": history.page(one, before=before, pages=pages, kinds=kinds),
        "kinds": kinds,
        "offered": history.kinds(),
        "only": urlencode({"kind": kinds}, doseq=True),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "people/_log.html", context)
    return render(request, "people/person_log.html", context | frame(one, "log"))


@require_safe
def news(request: HttpRequest, pk: int) -> HttpResponse:
    """204 while nothing has happened since `state`; else what changed, and the event `person-changed`.

    An open page asks every other second; the timeline and the panels then fetch themselves anew.
    """
    state = history.state(pk)
    if state == request.GET.get("state"):
        return HttpResponse(status=204)
    one = person(pk)
    context = {"person": one, "state": state}
    if request.GET.get("tab") == "memberships":
        context |= {"tab": "memberships", "memberships": _memberships(one)}
    response = render(request, "people/_changed.html", context)
    trigger_client_event(response, "announce", {"text": _("The activity log has news.")})
    return trigger_client_event(response, "person-changed")


@require_POST
def add_to_list(request: HttpRequest, pk: int) -> HttpResponse:
    one = person(pk)
    chosen = get_object_or_404(StaticList, pk=paging.number(request.POST.get("list", "")))
    lists.add(chosen, [one.pk], by=request.user.get_username(), now=timezone.now())
    return redirect("people:memberships", pk)


@require_POST
def take_off_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Off one static list; the person stays in the database."""
    one = person(pk)
    chosen = get_object_or_404(StaticList, pk=paging.number(request.POST.get("list", "")))
    lists.remove(chosen, [one.pk], by=request.user.get_username(), now=timezone.now())
    return redirect("people:memberships", pk)


def _memberships(one: Person) -> Any:
    found = one.staticlistmember_set.select_related("static_list")
    return found.order_by("static_list__name")


def _panels(names: list[str], one: Person) -> list[str]:
    """The addresses of what other apps show of a person."""
    return [url for name in names if (url := _address(name, one))]


def _address(name: str, one: Person) -> str:
    try:
        return reverse(name, args=[one.pk])
    except NoReverseMatch:
        return ""
