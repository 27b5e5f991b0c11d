"""The smart campaigns a person is a member of: a panel on their Memberships tab."""

from __future__ import annotations

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from campaigns.models import Entry
from people.models import Person

SHOWN = 50  # campaigns


@require_safe
def campaigns(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest entry into each campaign, newest first."""
    person = get_object_or_404(Person.objects.present(), pk=pk)
    mine = Entry.objects.filter(person=person)
    latest = mine.values("run__campaign").annotate(last=Max("pk")).values("last")
    entries = Entry.objects.filter(pk__in=latest).select_related("run__campaign__node")
    context = {"entries": entries.order_by("-pk")[:SHOWN]}
    return render(request, "campaigns/members/_of_person.html", context)
