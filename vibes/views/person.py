"""“May we text?”: the panel on a person's page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.models import Person
from vibes import gate
from vibes.models import Subscription


@dataclass(frozen=True)
class Line:
    """A list, the first reason against texting on it, and what Vibes last told us of it."""

    check: gate.Check
    subscription: Subscription | None


@require_safe
def may_we_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Each Vibes list with the gate's answer for this person, and the state it rests on."""
    person = get_object_or_404(Person.objects.all(), pk=pk)
    kept = Subscription.objects.filter(mobile=person.mobile) if person.mobile else ()
    by_list = {each.vibes_list_id: each for each in kept}
    checks = gate.explain(person, now=timezone.now())
    lines = [Line(check, by_list.get(check.vibes_list.pk)) for check in checks]
    return render(request, "vibes/_may_we_text.html", {"person": person, "lines": lines})
