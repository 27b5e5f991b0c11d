"""Changing a Vibes service, and trying its connection. Only staff may."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vibes import connection, overview
from vibes.client import Client, VibesError
from vibes.forms import AccountForm
from vibes.models import Account, Callback

View = Callable[..., HttpResponse]
# Vibes does not publish how long it takes; the page waits this long before it says what to check.
TEST_SECONDS = 20


def staff_only(view: View) -> View:
    """Refuse everybody else (403): the login alone is not enough to change credentials."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a service (no pk) or change one; a saved one is tried and synced at once."""
    account = get_object_or_404(Account, pk=pk) if pk else None
    form = AccountForm(request.POST or None, instance=account)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(
            request, "vibes/account.html", {"form": form, "account": account}, status=status
        )
    saved = form.save()
    connection.sync(saved, now=timezone.now())
    _say(request, saved, _("Saved and connected."))
    return redirect("vibes:home")


@staff_only
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the connection with one call."""
    account = get_object_or_404(Account, pk=pk)
    connection.test(account, now=timezone.now())
    _say(request, account, _("Vibes answers: the connection works."))
    return _service(request, account)


@staff_only
@require_POST
def sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy lists and campaigns now, and see to senders and callbacks."""
    account = get_object_or_404(Account, pk=pk)
    connection.sync(account, now=timezone.now())
    _say(request, account, _("Lists and acquisition campaigns are up to date."))
    return _service(request, account)


@staff_only
@require_POST
def test_callbacks(request: HttpRequest, pk: int) -> HttpResponse:
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
def callback_arrived(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the test callback has arrived yet; asks to be asked again until its time is over."""
    account = get_object_or_404(Account, pk=pk)
    event_id, since = request.GET.get("event_id", ""), request.GET.get("since", "")
    arrived = Callback.objects.filter(account=account, event_id=event_id).first()
    context = {"account": account, "event_id": event_id, "since": since, "callback": arrived}
    context["state"] = "arrived" if arrived else _still_waiting(since)
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


def _say(request: HttpRequest, account: Account, good: str) -> None:
    if account.health == Account.Health.CONNECTED:
        messages.success(request, good)
    else:
        messages.error(request, f"{account.get_health_display()}: {account.health_detail}")


def _service(request: HttpRequest, account: Account) -> HttpResponse:
    """The service's card again; the whole page without script."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("vibes:home")
    context = {"service": overview.of(account), "now": timezone.now()}
    return render(request, "vibes/_service.html", context)
