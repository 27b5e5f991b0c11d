"""Database: everybody we know, to look through, to sort and to search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people import paging
from people.models import Person
from people.views import grid


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The newest people first, or sorted by a column; `q` searches by name, address or number."""
    words = request.GET.get("q", "").strip().replace("\0", "")[:100]
    found = Person.objects.present().search(words) if words else Person.objects.present()
    context = grid.context(request, found, kept={"q": words}) | {
        "words": words,
        "source": f"search:{words}",
        "count": paging.count_in_words(found, whole=not words),
        "swaps": "#people",
    }
    template = "people/_people.html" if request.htmx else "people/database.html"  # type: ignore[attr-defined]
    return render(request, template, context)
