"""“May we text?”: the panel on a person's page, and the evidence behind it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people import spreadsheet
from people.models import Person
from vibes import consent_file, gate
from vibes.models import Subscription

ENTRIES_SHOWN = 5


@dataclass(frozen=True)
class Line:
    """A list, the first reason against texting on it, and what Vibes last told us of it."""

    check: gate.Check
    subscription: Subscription | None


@require_safe
def may_we_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Each Vibes list with the gate's answer for this person, the state it rests on, and the evidence."""
    person = get_object_or_404(Person.objects.all(), pk=pk)
    kept = Subscription.objects.filter(mobile=person.mobile) if person.mobile else ()
    by_list = {each.vibes_list_id: each for each in kept}
    checks = gate.explain(person, now=timezone.now())
    entries = consent_file.of(person)
    newest = entries.order_by("-pk")[:ENTRIES_SHOWN]
    context = {
        "person": person,
        "lines": [Line(check, by_list.get(check.vibes_list.pk)) for check in checks],
        "entries": [consent_file.Told(each) for each in newest],
    }
    return render(request, "vibes/_may_we_text.html", context)


@require_safe
def export_consent(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The whole evidence for one person as a CSV file, streamed."""
    person = get_object_or_404(Person.objects.all(), pk=pk)
    lines = spreadsheet.lines(consent_file.rows(person))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="consent-{person.pk}.csv"'
    return response
