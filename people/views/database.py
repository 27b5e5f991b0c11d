"""Database: everybody we know, to look through and to search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from people import paging
from people.models import Person


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The newest people first; `q` searches by name, e-mail address or number."""
    words = request.GET.get("q", "").strip()[:100]
    found = Person.objects.present().search(words) if words else Person.objects.present()
    page = paging.page(
        found,
        before=paging.number(request.GET.get("before", "")),
        after=paging.number(request.GET.get("after", "")),
    )
    context = {
        "page": page,
        "words": words,
        "count": paging.count_in_words(found, whole=not words),
        "extra": f"&{urlencode({'q': words})}" if words else "",
    }
    template = "people/_people.html" if request.htmx else "people/database.html"  # type: ignore[attr-defined]
    return render(request, template, context)
