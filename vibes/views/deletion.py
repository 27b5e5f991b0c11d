"""Deleting a service that was made by mistake: asked first, with what goes with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vibes import deleting
from vibes.models import Account

from .rights import DELETE, who_may


@who_may(DELETE)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether, or say why not; a POST deletes it (409 and the reason when it has to stay)."""
    account = get_object_or_404(Account, pk=pk)
    if request.method != "POST":
        return _ask(request, account, deleting.obstacle(account))
    try:
        left = deleting.delete(account, now=timezone.now())
    except deleting.InUse as used:
        return _ask(request, account, str(used), status=409)
    messages.success(request, _("The service “%s” is deleted.") % account)
    if left:
        words = _("Vibes did not let us end everything there. End it by hand: %s.")
        messages.warning(request, words % left)
    return redirect("vibes:home")


def _ask(
    request: HttpRequest, account: Account, obstacle: str, *, status: int = 200
) -> HttpResponse:
    context = {"account": account, "obstacle": obstacle, "goes": deleting.what_goes(account)}
    return render(request, "vibes/delete.html", context, status=status)
