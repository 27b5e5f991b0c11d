"""Home, the search of the top bar, and the small things of the frame."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from people.views.back import back

from . import home as home_page
from . import search as finder
from .context import THEMES

YEAR = 365 * 24 * 60 * 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", home_page.contents())


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the typed words find: a list under the box, or a page without script."""
    words = request.GET.get("q", "").strip()[:100]
    template = "_search_results.html" if request.htmx else "search.html"  # type: ignore[attr-defined]
    groups = finder.find(words, user=request.user)
    response = render(request, template, {"words": words, "groups": groups})
    if len(words) < finder.SHORTEST:
        return response
    count = sum(len(found) for _title, found in groups)
    said = ngettext("%d found", "%d found", count) % count
    return trigger_client_event(response, "announce", {"text": said})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or system in a cookie; the page that asked takes it on, without script by going back."""
    choice = request.POST.get("theme", "")
    response: HttpResponse = HttpResponseRedirect(back(request.POST, otherwise="/"))
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "_theme.html", {"theme": choice})
        trigger_client_event(response, "theme", {"theme": choice})
    if choice in THEMES:
        response.set_cookie(
            "theme", choice, max_age=YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


@require_safe
def session_token(request: HttpRequest) -> HttpResponse:
    """After signing in again in another tab: the new form token for the page that was left open."""
    response = HttpResponse(status=204)
    return trigger_client_event(response, "csrf-token", {"token": get_token(request)})
