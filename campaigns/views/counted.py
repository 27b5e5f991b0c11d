"""How many people there are of some kind: a fragment that a page asks for once it is shown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns import counting
from people import patience
from people.models import PersonQuerySet


def answer(request: HttpRequest, people: PersonQuerySet, *, question: str) -> HttpResponse:
    """How many these are, or about how many; 204 where this browser asks the same `question` anew."""
    name = f"{request.session.session_key}:{question}"
    try:
        figure = counting.count(people, name=name)
    except patience.AskedAnew:
        return HttpResponse(status=204)
    return render(request, "campaigns/_count.html", {"figure": figure})
