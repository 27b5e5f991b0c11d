"""Run later: plan a run for a time, cancel it, and decide what becomes of one that was missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from campaigns import audience, drafts, local_time, schedule, tasks, versions
from campaigns.models import Campaign, Run, Slot
from campaigns.views.confirming import SeenForm
from campaigns.views.schedule import count, get_campaign, get_context, linked

SOON = timedelta(hours=1)  # the time that is offered first


class LaterForm(SeenForm):
    """A date, a time of day and a zone, beside what was seen."""

    date = forms.DateField(
        label=gettext_lazy("Date"),
        widget=forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=forms.TimeInput({"type": "time", "class": "form-control"}, format="%H:%M"),
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), widget=forms.Select({"class": "form-select"})
    )
    field_order = ["date", "time", "zone"]

    def __init__(self, data: Any = None, *, campaign: Campaign, people: int, at: datetime) -> None:
        super().__init__(data, people=people, revision=campaign.revision)
        self.fields["zone"].choices = _zones()  # type: ignore[attr-defined]
        first = at.astimezone(ZoneInfo(local_time.instance_zone()))
        self.initial.update(date=first.date(), time=first.time(), zone=str(first.tzinfo))

    @property
    def local(self) -> datetime:
        """The local time that was asked for."""
        given = self.cleaned_data
        return datetime.combine(given["date"], given["time"].replace(second=0, microsecond=0))


@require_http_methods(["GET", "HEAD", "POST"])
def later(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask for when to run; a POST publishes the draft and plans that version."""
    campaign, now = get_campaign(campaign_id), timezone.now()
    draft = drafts.read(campaign)
    context = {**get_context(campaign, draft), "later": True}
    if draft.problems:
        return _show(request, "later", context, status=422 if request.POST else 200)
    at = (now + SOON).replace(minute=0, second=0, microsecond=0) + SOON
    form = LaterForm(request.POST or None, campaign=campaign, people=count(draft, now), at=at)
    if form.is_bound and form.is_valid():
        try:
            return _plan(request, campaign, form, now)
        except schedule.CannotPlan as refused:
            form.add_error(None, str(refused))
        except versions.NotReady as refused:
            context["problems"] = linked(campaign, refused.problems)
    status = 422 if form.is_bound else 200
    return _show(request, "later", {**context, "form": form}, status=status)


def _plan(request: HttpRequest, campaign: Campaign, form: LaterForm, now: datetime) -> HttpResponse:
    zone = form.cleaned_data["zone"]
    slot = schedule.plan(campaign, local=form.local, zone=zone, by=request.user, now=now)
    told = {"time": local_time.words(slot.scheduled_for, zone), "version": slot.version.number}
    words = _("Planned for %(time)s. What was drafted is published as version %(version)d.") % told
    messages.success(request, f"{words} {local_time.note(slot.asked_for, zone)}".strip())
    return _go(request, _schedule_of(slot))


@require_POST
def cancel(request: HttpRequest, slot_id: int) -> HttpResponse:
    """Let a planned run not happen."""
    slot = _slot(slot_id)
    try:
        schedule.cancel(slot, by=request.user, now=timezone.now())
        messages.success(request, _("Cancelled: it will not run on %s.") % _when(slot))
    except schedule.AlreadyDecided as decided:
        messages.info(request, str(decided))
    return _go(request, _schedule_of(slot))


@require_POST
def skip(request: HttpRequest, slot_id: int) -> HttpResponse:
    """Let a run that was missed, or could not run, not happen at all."""
    slot = _slot(slot_id)
    try:
        schedule.skip_missed(slot, by=request.user, now=timezone.now())
        messages.success(request, _("Skipped: the run of %s does not happen.") % _when(slot))
    except schedule.AlreadyDecided as decided:
        messages.info(request, str(decided))
    return _go(request, _schedule_of(slot))


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, slot_id: int) -> HttpResponse:
    """Ask whether a run that was missed is to run now, with the count; a POST runs it."""
    slot, now = _slot(slot_id), timezone.now()
    if not slot.is_undecided:
        return _decided(request, slot)
    qualified = audience.people(versions.flow_of(slot.version).smart_list, now=now)
    form = SeenForm(request.POST or None, people=qualified.count(), revision=slot.version_id)
    problems = versions.obstacles(slot.version)
    if form.is_bound and form.is_valid():
        try:
            return _run(request, schedule.confirm_missed(slot, by=request.user, now=now))
        except schedule.AlreadyDecided:
            return _decided(request, slot)
        except versions.NotReady as refused:
            problems = refused.problems
    context = {"slot": slot, "campaign": slot.campaign, "tab": "schedule", "form": form}
    context["problems"] = linked(slot.campaign, problems)
    return _show(request, "confirm", context, status=422 if form.is_bound else 200)


def _decided(request: HttpRequest, slot: Slot) -> HttpResponse:
    """Somebody was faster: show what became of it."""
    slot.refresh_from_db()
    messages.info(request, _("This planned run is “%s” already.") % slot.get_state_display())
    return _go(request, _results_of(slot.run) if slot.run else _schedule_of(slot))


def _run(request: HttpRequest, run: Run) -> HttpResponse:
    tasks.prepare_run.delay_on_commit(run_id=run.pk)  # type: ignore[attr-defined]
    messages.success(request, _("Running version %d, as it was planned.") % run.version.number)
    return _go(request, _results_of(run))


def _slot(pk: int) -> Slot:
    with_all = Slot.objects.select_related("campaign__node", "campaign__smart_list", "version")
    return get_object_or_404(with_all, pk=pk)


def _when(slot: Slot) -> str:
    return local_time.words(slot.scheduled_for, slot.zone)


def _zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The zones in which somebody here thinks come first: the instance's, the reader's, UTC."""
    near = dict.fromkeys([local_time.instance_zone(), timezone.get_current_timezone_name(), "UTC"])
    others = [name for name in local_time.zones() if name not in near]
    groups = [(_("Here"), list(near)), (_("Everywhere"), others)]
    return [(title, [(name, name) for name in names]) for title, names in groups]


def _schedule_of(slot: Slot) -> str:
    return reverse("campaigns:schedule", args=[slot.campaign_id])


def _results_of(run: Run) -> str:
    return f"{reverse('campaigns:results', args=[run.campaign_id])}?run={run.pk}"


def _go(request: HttpRequest, url: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def _show(request: HttpRequest, name: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    part = f"campaigns/schedule/_{name}.html"
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, part, context, status=status)
    whole = {**context, "part": part}
    return render(request, "campaigns/schedule/dialog_page.html", whole, status=status)
