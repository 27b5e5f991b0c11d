"""Adding and changing a Vibes service. Saving tries the connection first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vibes import connection, diagnosis, holding, tasks
from vibes.client import SourceCode, VibesError
from vibes.forms import AccountForm
from vibes.models import Account

from .rights import ADD, CHANGE, who_may


@who_may(ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@who_may(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Account, pk=pk))


def _edit(request: HttpRequest, account: Account | None) -> HttpResponse:
    """Show the form, or save what it brings: once the connection works, or by *Save anyway*."""
    context: dict[str, Any] = {"account": account, "title": str(account or _("Connect Vibes"))}
    form = AccountForm(request.POST or None, request.FILES or None, instance=account)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form, context)
    if "anyway" in request.POST:
        return _save_anyway(request, form)
    try:
        codes = connection.ask(form.instance)
    except VibesError as fault:
        found = diagnosis.of(form.instance, fault)
        form.add_error(found.field or None, found.words)
        return _show(request, form, context | {"did_not_work": True})
    return _save(request, form, codes)


def _show(request: HttpRequest, form: AccountForm, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "vibes/account.html", context | {"form": form}, status=status)


def _save(request: HttpRequest, form: AccountForm, codes: list[SourceCode]) -> HttpResponse:
    saved = form.save()
    connection.note(saved, None, now=timezone.now())
    messages.success(request, _("Saved and connected. Lists and campaigns are being fetched."))
    if doubt := diagnosis.doubt_of_code(saved, codes):
        messages.warning(request, doubt)
    tasks.take_up(saved)
    return redirect("vibes:home")


def _save_anyway(request: HttpRequest, form: AccountForm) -> HttpResponse:
    saved = form.save()
    holding.hold(saved, _("Saved without a working connection."), now=timezone.now())
    messages.warning(request, _("Saved, but not connected: nothing is sent until it is."))
    tasks.take_up(saved)
    return redirect("vibes:home")


@who_may(CHANGE)
@require_safe
def source_codes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the account may send from, to choose among; and a word when ours is not among it."""
    account = get_object_or_404(Account, pk=pk)
    try:
        codes = connection.ask(account)
    except VibesError:
        codes = []
    context = {"codes": codes, "doubt": diagnosis.doubt_of_code(account, codes)}
    return render(request, "vibes/_source_codes.html", context)
