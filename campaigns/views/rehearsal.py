"""*Test for…*: choose a person, and read what would become of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import drafts, rehearsal
from people import paging
from people.models import Person

from . import canvas

FOUND = 10


@require_safe
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """`q` looks for people, `person` is the chosen one; without both the newest are offered."""
    campaign = canvas.campaign_of(campaign_id)
    draft, words = drafts.read(campaign), request.GET.get("q", "").strip()
    people = Person.objects.present()
    chosen = people.filter(pk=paging.number(request.GET.get("person", "")) or 0).first()
    found = people.search(words) if words else people
    context = {
        "campaign": campaign,
        "tab": "test",
        "q": words,
        "found": found.order_by("-pk")[:FOUND] if words or not chosen else [],
        "path": rehearsal.walk(draft, chosen, now=timezone.now()) if chosen else None,
    }
    return render(request, "campaigns/rehearsal/page.html", context)
