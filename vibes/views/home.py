"""The Vibes page: the connection, what Vibes offers, and what it told us last."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from vibes import overview
from vibes.models import Account


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Every service with its lists; somebody who may not change anything sees the same."""
    now = timezone.now()
    services = [overview.of(each, now=now) for each in Account.objects.order_by("name", "pk")]
    return render(request, "vibes/home.html", {"services": services})
