"""The round trip of a callback: Vibes is asked for a test, and the page looks until it has come."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vibes.client import Client, VibesError
from vibes.models import Account, Callback

from .rights import CHANGE, who_may

# Vibes does not publish how long it takes; the page waits this long before it says what to check.
TEST_SECONDS = 20


@who_may(CHANGE)
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Have Vibes call us back with a test; the partial then looks for it until it arrives."""
    account = get_object_or_404(Account, pk=pk)
    now = timezone.now()
    context: dict[str, Any] = {"account": account, "since": now.isoformat(), "state": "waiting"}
    try:
        with Client(account, slots=1) as client:
            # This kind raises permission, so it changes nothing until Vibes confirms it.
            context["event_id"] = client.send_test_callback("subscription_added")
    except VibesError as fault:
        context |= {"state": "refused", "why": str(fault)}
    if not request.htmx:  # type: ignore[attr-defined]
        messages.info(request, context.get("why") or _("Vibes was asked to call back: see below."))
        return redirect("vibes:home")
    return render(request, "vibes/_callback_test.html", context)


@require_safe
def arrived(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the test callback has arrived yet; asks to be asked again until its time is over."""
    account = get_object_or_404(Account, pk=pk)
    event_id, since = request.GET.get("event_id", ""), request.GET.get("since", "")
    came = Callback.objects.filter(account=account, event_id=event_id).first()
    context = {"account": account, "event_id": event_id, "since": since, "callback": came}
    context["public_url"] = settings.PUBLIC_URL
    context["state"] = "arrived" if came else _still_waiting(since)
    return render(request, "vibes/_callback_test.html", context)


def _still_waiting(since: str) -> str:
    try:
        begun = parse_datetime(since)
    except ValueError:
        begun = None
    if begun is None or begun.tzinfo is None:
        return "missing"
    waited = (timezone.now() - begun).total_seconds()
    return "waiting" if waited < TEST_SECONDS else "missing"
