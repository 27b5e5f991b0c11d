"""The one switch: pause and resume everything, from Home or from the strip that says so on every page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from campaigns import brake, tasks
from campaigns.brake import Braked
from vibes import pausing
from vibes import tasks as sending

from .control import LateForm, first
from .rights import refuse_unless_all


class BrakeForm(forms.Form):
    """Why: everybody reads it, on every page."""

    why = forms.CharField(
        label=gettext_lazy("Why (everybody reads it)"),
        max_length=255,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest) -> HttpResponse:
    """Ask why; a POST lets nothing leave for anybody, and says how many went, are held and in flight."""
    refuse_unless_all(request)
    form = BrakeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, "pause", {"form": form, "paused": pausing.paused()})
    why = form.cleaned_data["why"]
    done = brake.pause(by=request.user, why=why, now=timezone.now())
    return _answer(request, done, _("Everything is paused: %s"))


@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest) -> HttpResponse:
    """List what became late; a POST lets everything go on, and what is late is sent or cancelled."""
    refuse_unless_all(request)
    now = timezone.now()
    late = brake.late(now=now)
    form = LateForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or (late and not form.is_valid()):
        texts = sum(each.texts for each in late)
        calls = sum(each.calls for each in late)
        context = {"form": form, "late": late, "texts": texts, "calls": calls}
        context["paused"] = pausing.paused()
        return _ask(request, "resume", {**context, "since": pausing.paused_since()})
    cancel = bool(late) and form.cleaned_data["late"] == "cancel"
    done = brake.resume(cancel_late=cancel, by=request.user, now=now)
    if pausing.late_before():
        tasks.let_everything_go.delay_on_commit()  # type: ignore[attr-defined]
    sending.deliver_due.delay_on_commit()  # type: ignore[attr-defined]
    return _answer(request, done, _("Everything goes on: %s"))


def _ask(request: HttpRequest, deed: str, context: dict[str, Any]) -> HttpResponse:
    form, is_htmx = context["form"], request.htmx  # type: ignore[attr-defined]
    whole = {**context, "asked": f"campaigns/control/_{deed}_everything.html"}
    template = "_dialog" if is_htmx else "everything"
    status = 422 if form.is_bound and form.errors else 200
    return render(request, f"campaigns/control/{template}.html", whole, status=status)


def _answer(request: HttpRequest, done: Braked, words: str) -> HttpResponse:
    if done.acted:
        messages.success(request, words % done.words)
    else:
        messages.info(request, f"{first(brake.last_intervention(), _not_paused)} {done.words}")
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    return HttpResponseRedirect(reverse("home"))


def _not_paused() -> str:
    return _("Nothing was paused:")
