"""Retry the missed: choose a step and verdicts of a run, read what would come of it, start a new run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns import (
    launch,
    limits,
    missed,
    preflight,
    retrying,
    run_steps,
    tasks,
    verdicts,
    versions,
)
from campaigns.missed import Missed, Which
from campaigns.models import Run, Verdict
from campaigns.preflight import Forecast
from people.models import Person

from .confirming import digits
from .going import go_to_results
from .rights import RETRY_UNKNOWN, refuse_unless_mine


class RetryForm(forms.Form):
    """Whom to retry, as it was seen and confirmed: the same start twice is one run."""

    token = forms.CharField(max_length=64, widget=forms.HiddenInput)
    people = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(
        label=gettext_lazy("Why it is worth the risk of a second text (it is kept)"),
        max_length=255,
        required=False,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )
    typed = forms.CharField(
        label=gettext_lazy("Number of people"),
        required=False,
        widget=forms.TextInput(
            {"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )

    def __init__(self, data: Any, *, run: Run, which: list[Which], people: int) -> None:
        self.seen = {"token": retrying.token(run), "people": people}
        given = data or {}
        kept = {name: given.get(name, "") for name in ("why", "typed")}
        super().__init__(data, initial={**self.seen, **kept})
        self.shown = number_format(people, force_grouping=True)
        self.must_type = people > launch.CONFIRM_ABOVE.get()
        self.must_explain = retrying.needs_reason(which)
        if not self.must_type:
            del self.fields["typed"]
        if not self.must_explain:
            del self.fields["why"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.must_explain and not cleaned.get("why", "").strip():
            self.add_error("why", _("Say why: these texts may have arrived already."))
        if not self.seen["people"]:
            self.add_error(None, _("Choose whom to retry: nobody is chosen."))
        elif cleaned.get("people") != self.seen["people"]:
            self.data = {**self.seen, "why": self.data.get("why", ""), "typed": ""}
            self.add_error(
                None, _("The number of people has changed meanwhile. It is %s now.") % self.shown
            )
        elif self.must_type and digits(cleaned.get("typed", "")) != str(self.seen["people"]):
            self.add_error("typed", _("Type the number of people: %s.") % self.shown)
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask whom to retry and show the dry run of it; a POST starts it. The same token again shows the same run."""
    found = Run.objects.select_related("version", "campaign__node", "retry_of")
    run, now = get_object_or_404(found, pk=run_id), timezone.now()
    refuse_unless_mine(request, run)
    asked = request.POST if request.method == "POST" else request.GET
    begun = run.retries.filter(token=request.POST.get("token", "")).first()
    if begun:
        messages.info(request, _("This retry had been started already."))
        return go_to_results(request, begun)
    lines = [each for each in missed.of(run) if _is_allowed(request, each.state)]
    step_id = _step(lines, asked.get("step", ""))
    which = _which(lines, step_id, asked)
    people = missed.verdicts(run, step_id, which).count()
    form = RetryForm(
        asked if request.method == "POST" else None, run=run, which=which, people=people
    )
    context = _context(request, run, lines, step_id, which, now)
    if form.is_bound and form.is_valid():
        try:
            return _start(request, run, step_id, which, form, now)
        except versions.NotReady as refused:
            context["problems"] = [each.words for each in refused.problems]
    status = 422 if form.is_bound else 200
    context |= {"form": form, "refusal": limits.refusal(run.campaign, people)}
    template = "_retry" if request.htmx else "page"  # type: ignore[attr-defined]
    return render(request, f"campaigns/retry/{template}.html", context, status=status)


def _start(
    request: HttpRequest,
    run: Run,
    step_id: int,
    which: list[Which],
    form: RetryForm,
    now: datetime,
) -> HttpResponse:
    retry, is_new = retrying.begin(
        run,
        step_id=step_id,
        which=which,
        why=form.cleaned_data.get("why", ""),
        token=form.cleaned_data["token"],
        by=request.user,
        now=now,
    )
    if is_new:
        tasks.prepare_run.delay_on_commit(run_id=retry.pk)  # type: ignore[attr-defined]
        messages.success(request, _("Retrying. The first run stays as it was."))
    else:
        messages.info(request, _("This retry had been started already."))
    return go_to_results(request, retry)


def _is_allowed(request: HttpRequest, state: str) -> bool:
    return state != Verdict.State.UNKNOWN or request.user.has_perm(RETRY_UNKNOWN)


def _step(lines: list[Missed], wanted: str) -> int:
    """The step asked for, else the first in which somebody missed something."""
    there = {str(each.step_id): each.step_id for each in lines}
    return there.get(wanted) or next(iter(there.values()), 0)


def _which(lines: list[Missed], step_id: int, asked: Any) -> list[Which]:
    """What is ticked; at first everything that failed, and nothing that may have arrived."""
    mine = [each for each in lines if each.step_id == step_id]
    if "step" not in asked:
        return [(each.state, each.reason) for each in mine if each.state == Verdict.State.FAILED]
    ticked = set(asked.getlist("verdict"))
    return [(each.state, each.reason) for each in mine if f"{each.state}:{each.reason}" in ticked]


def _context(
    request: HttpRequest,
    run: Run,
    lines: list[Missed],
    step_id: int,
    which: list[Which],
    now: datetime,
) -> dict[str, Any]:
    names = run_steps.of(run)
    there = {each.step_id for each in lines}
    return {
        "run": run,
        "campaign": run.campaign,
        "tab": "results",
        "step_id": step_id,
        "steps": [
            (pk, f"{each.number}. {each.summary}") for pk, each in names.items() if pk in there
        ],
        "lines": [_line(each, which) for each in lines if each.step_id == step_id],
        "hides_unknown": not request.user.has_perm(RETRY_UNKNOWN),
        "forecast": _forecast(run, step_id, which, now) if which else None,
        "problems": [],
    }


def _line(each: Missed, which: list[Which]) -> dict[str, Any]:
    verdict = Verdict(state=each.state, reason=each.reason)
    return {
        "value": f"{each.state}:{each.reason}",
        "state": verdict.get_state_display(),
        "kind": each.state,
        "words": verdicts.words(verdict) if each.reason else "",
        "people": each.people,
        "is_ticked": (each.state, each.reason) in which,
    }


def _forecast(run: Run, step_id: int, which: list[Which], now: datetime) -> Forecast:
    """The dry run: the gate asks anew, as things stand now."""
    who = missed.verdicts(run, step_id, which).values("person")
    flow = versions.only(versions.flow_of(versions.newest_with(run, step_id)), step_id)
    return preflight.forecast_for(Person.objects.filter(pk__in=who), flow, now=now)
