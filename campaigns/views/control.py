"""Pause, resume and stop a run from its Results: asked once in a dialog, answered with exact figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, retarget, trigger_client_event

from campaigns import control, late, standing, tasks
from campaigns.control import Handled
from campaigns.models import Intervention, Run

from .live import news
from .rights import refuse_unless_mine


class WhyForm(forms.Form):
    """What the others will read; nobody has to give it."""

    why = forms.CharField(
        label=gettext_lazy("Why (others read it)"),
        max_length=255,
        required=False,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )


class LateForm(forms.Form):
    """What to do with what became late."""

    late = forms.ChoiceField(
        label=gettext_lazy("What became late"),
        choices=[
            ("send", gettext_lazy("Send it still")),
            ("cancel", gettext_lazy("Cancel it: those people go no further")),
        ],
        error_messages={"required": gettext_lazy("Choose what to do with what became late.")},
        widget=forms.RadioSelect,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask whether to pause; a POST pauses and says how many went, are held and are in flight."""
    run, form = _run(request, run_id), WhyForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, run, "pause", {"form": form, "standing": standing.of([run.pk])})
    why = form.cleaned_data["why"]
    done = control.pause(run.pk, by=request.user, now=timezone.now(), why=why)
    return _answer(request, done, _("Paused: %s"))


@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask what to do with what became late, with its counts; a POST lets the run go on."""
    run, now = _run(request, run_id), timezone.now()
    late_now = late.of(run, now=now)
    form = LateForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or (late_now and not form.is_valid()):
        context = {"form": form, "late": late_now, "standing": standing.of([run.pk])}
        return _ask(request, run, "resume", context)
    cancel = bool(late_now) and form.cleaned_data["late"] == "cancel"
    done = control.resume(run.pk, cancel_late=cancel, by=request.user, now=now)
    if done.acted:
        _ring(done.run)
    return _answer(request, done, _("Resumed: %s"))


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask whether to stop; a POST stops for good and says what it cancelled, what went and what is in flight."""
    run, form = _run(request, run_id), WhyForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, run, "stop", {"form": form, "standing": standing.of([run.pk])})
    why = form.cleaned_data["why"]
    done = control.stop(run.pk, by=request.user, now=timezone.now(), why=why)
    tasks.wind_up_run.delay_on_commit(run_id=run.pk)  # type: ignore[attr-defined]
    return _answer(request, done, _("Stopped: %s"))


def _run(request: HttpRequest, pk: int) -> Run:
    found = Run.objects.select_related("version", "campaign__node", "started_by")
    run = get_object_or_404(found, pk=pk)
    refuse_unless_mine(request, run)
    return run


def _ask(request: HttpRequest, run: Run, deed: str, context: dict[str, Any]) -> HttpResponse:
    form = context["form"]
    whole = {**context, "run": run, "campaign": run.campaign, "tab": "results", "deed": deed}
    whole["asked"] = f"campaigns/control/_{deed}.html"
    template = (
        "campaigns/control/_dialog.html" if _is_htmx(request) else "campaigns/control/page.html"
    )
    return render(request, template, whole, status=422 if form.is_bound and form.errors else 200)


def _answer(request: HttpRequest, done: Handled, words: str) -> HttpResponse:
    if done.acted:
        messages.success(request, words % done.words)
    else:
        messages.info(request, f"{first(control.last_intervention(done.run), _over)} {done.words}")
    if not _is_htmx(request):
        page = reverse("campaigns:results", args=[done.run.campaign_id])
        return HttpResponseRedirect(f"{page}?run={done.run.pk}")
    response = news(request, _run(request, done.run.pk), timezone.now()).response
    trigger_client_event(response, "close-dialog", {})
    if not done.run.is_open:
        trigger_client_event(response, "run-over", {})
    return reswap(retarget(response, "#live"), "outerHTML")


def first(line: Intervention | None, otherwise: Callable[[], str]) -> str:
    """Who was first, and when: what the second one reads."""
    if line is None:
        return otherwise()
    words = {
        Intervention.Deed.PAUSE: _("%(name)s had paused it already, %(at)s:"),
        Intervention.Deed.RESUME: _("%(name)s had resumed it already, %(at)s:"),
        Intervention.Deed.STOP: _("%(name)s had stopped it already, %(at)s:"),
    }
    said = words.get(Intervention.Deed(line.deed))
    if said is None:
        return otherwise()
    at = date_format(timezone.localtime(line.at), "DATETIME_FORMAT")
    return said % {"name": line.by or _("Somebody"), "at": at}


def _over() -> str:
    return _("This run was over already:")


def _ring(run: Run) -> None:
    """So that nobody has to wait for the next tick."""
    if run.late_before:
        tasks.let_run_go.delay_on_commit(run_id=run.pk)  # type: ignore[attr-defined]
    tasks.prepare_run.delay_on_commit(run_id=run.pk)  # type: ignore[attr-defined]
    tasks.tick.delay_on_commit()  # type: ignore[attr-defined]


def _is_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]
