"""What can be done with a Vibes service: try it, sync it, give it a new callback address."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget

from vibes import connection, overview, registrations, syncing, tasks
from vibes.models import Account

from .rights import CHANGE, who_may


@who_may(CHANGE)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the connection with one call. Where it works again, what was held goes on."""
    account = get_object_or_404(Account, pk=pk)
    was_held = account.held_until is not None
    if connection.test(account, now=timezone.now()):
        messages.success(request, _("Vibes answers: the connection works."))
    else:
        messages.error(request, f"{account.get_health_display()}: {account.health_detail}")
    if was_held and account.held_until is None:
        tasks.take_up(account)
    return show(request, account)


@who_may(CHANGE)
@require_POST
def sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a sync. The card then looks until it is done, and says what came of it."""
    account = get_object_or_404(Account, pk=pk)
    tasks.take_up(account)
    return show(request, account)


@require_safe
def sync_state(request: HttpRequest, pk: int) -> HttpResponse:
    """How the sync asked for at `since` goes; the whole card with what it brought, once it is over."""
    account = get_object_or_404(Account, pk=pk)
    now = timezone.now()
    since = _moment(request.GET.get("since", "")) or now
    state = syncing.state(account, since=since, now=now)
    if state.is_open:
        return render(request, "vibes/_sync.html", {"account": account, "sync": state})
    messages.add_message(request, state.level, state.words)
    card = show(request, account, said=state)
    return reswap(retarget(card, f"#service-{account.pk}"), "outerHTML")


@who_may(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether; a POST makes a new callback address, which the sync then registers."""
    account = get_object_or_404(Account, pk=pk)
    if request.method != "POST":
        template = "_rotate" if request.htmx else "rotate"  # type: ignore[attr-defined]
        return render(request, f"vibes/{template}.html", {"account": account})
    try:
        until = registrations.rotate(account, timezone.now())
    except registrations.StillMoving:
        words = _(
            "Vibes has not taken over the last new address yet. Sync first, then rotate again."
        )
        messages.error(request, words)
        return redirect("vibes:home")
    words = _("Vibes is being told the new callback address. Until %(at)s the old one works too.")
    messages.success(request, words % {"at": date_format(until, "DATETIME_FORMAT")})
    tasks.take_up(account)
    return redirect("vibes:home")


def show(
    request: HttpRequest, account: Account, *, said: syncing.State | None = None
) -> HttpResponse:
    """The service's card again, with how a sync went; the whole page without script."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("vibes:home")
    account.refresh_from_db()
    context = {"service": overview.of(account, now=timezone.now()), "said": said}
    return render(request, "vibes/_service.html", context)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
