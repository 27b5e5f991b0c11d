"""“May we text?”: the panel on a person's page, and the evidence behind it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people import spreadsheet
from people.models import Person
from vibes import consent_file, gates
from vibes.models import Subscription

ENTRIES_SHOWN = 5


@require_safe
def may_we_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Each gate with what it finds of this person, each Vibes list with its answer, and the evidence."""
    person = get_object_or_404(Person.objects.all(), pk=pk)
    found = gates.of(person, now=timezone.now())
    newest = consent_file.of(person).order_by("-pk")[:ENTRIES_SHOWN]
    context = {
        "person": person,
        "found": found,
        "entries": [consent_file.Told(each) for each in newest],
    }
    return render(request, "vibes/_may_we_text.html", context)


@require_safe
def lists(request: HttpRequest, pk: int) -> HttpResponse:
    """The Vibes lists of which Vibes told us something about the person's number."""
    person = get_object_or_404(Person.objects.present(), pk=pk)
    kept = Subscription.objects.filter(mobile=person.mobile).exclude(mobile="")
    rows = kept.select_related("vibes_list").order_by("vibes_list__name", "pk")
    return render(request, "vibes/_lists_of_person.html", {"subscriptions": rows, "person": person})


@require_safe
def export_consent(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The whole evidence for one person as a CSV file, streamed."""
    person = get_object_or_404(Person.objects.all(), pk=pk)
    lines = spreadsheet.lines(consent_file.rows(person))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="consent-{person.pk}.csv"'
    return response
