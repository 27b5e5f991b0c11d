"""Values to choose from, while somebody fills in a filter on a text."""

from __future__ import annotations

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from campaigns.operators import TextFilter
from campaigns.registry import UnknownKind, filters
from people.models import Person

NEWEST, MOST = 10_000, 500  # people who are looked at, values that are offered


@require_safe
def values(request: HttpRequest, kind: str) -> JsonResponse:
    """What the newest people have in the field that this filter asks about: one quick statement."""
    try:
        filter_type = filters.get(kind)
    except UnknownKind:
        raise Http404 from None
    if not isinstance(filter_type, TextFilter) or not filter_type.suggests:
        raise Http404
    newest = Person.objects.present().order_by("-pk").annotate(value=filter_type.column())
    found = set(newest.values_list("value", flat=True)[:NEWEST]) - {""}
    return JsonResponse({"values": sorted(found, key=str.lower)[:MOST]})
