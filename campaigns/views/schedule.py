"""The Schedule tab: who will get it, what stands in the way, and Run now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from campaigns import audience, drafts, launch, preflight, references, tasks, versions
from campaigns.drafts import Draft
from campaigns.models import Campaign, Run
from people.models import Person

SHOWN = 200  # people behind a count; all of them stand in Results once it ran


class StartForm(forms.Form):
    """What somebody saw and confirmed: the same start twice is one run, and only of what was seen."""

    token = forms.CharField(max_length=64, widget=forms.HiddenInput)
    revision = forms.IntegerField(widget=forms.HiddenInput)
    people = forms.IntegerField(widget=forms.HiddenInput)
    typed = forms.CharField(
        label=gettext_lazy("Number of people"),
        required=False,
        widget=forms.TextInput(
            {"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )

    def __init__(self, data: Any = None, *, campaign: Campaign, people: int) -> None:
        self.seen = {
            "token": launch.start_token(campaign),
            "revision": campaign.revision,
            "people": people,
        }
        super().__init__(data, initial=self.seen)
        self._shown = number_format(people, force_grouping=True)
        self.must_type = people > launch.CONFIRM_ABOVE.get()
        if not self.must_type:
            del self.fields["typed"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("revision") != self.seen["revision"]:
            self._ask_again(_("The campaign was changed meanwhile. Look at it again, then run it."))
        elif self.must_type and self.seen["people"] != cleaned.get("people"):
            self._ask_again(
                _("The number of people has changed meanwhile. It is %s now.") % self._shown
            )
        elif self.must_type and _digits(cleaned.get("typed", "")) != str(self.seen["people"]):
            self.add_error("typed", _("Type the number of people: %s.") % self._shown)
        return cleaned

    def _ask_again(self, why: str) -> None:
        """Show what holds now; the next post confirms that."""
        self.data = {**self.seen, "typed": ""}
        self.add_error(None, why)


@require_safe
def page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Everything that is known without counting; who will get it is loaded after."""
    campaign = _campaign(campaign_id)
    return render(request, "campaigns/schedule/page.html", _context(campaign))


@require_safe
def forecast(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Who will get it, were the draft run now."""
    campaign, now = _campaign(campaign_id), timezone.now()
    draft = drafts.read(campaign)
    context: dict[str, Any] = {"campaign": campaign, "now": now}
    if not draft.problems:
        found = preflight.forecast(draft.spec, now=now)
        context |= {"forecast": found, "ends_at": now + found.takes}
    elif draft.smart_list.is_valid:
        context["qualified"] = _count(draft, now)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "campaigns/schedule/_forecast.html", context)
    whole = {**_context(campaign, draft), **context, "counted": True}
    return render(request, "campaigns/schedule/page.html", whole)


@require_safe
def people(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The people behind one count: those who qualify, or whom a step treats so (`step`, `reason`)."""
    draft = drafts.read(_campaign(campaign_id))
    if draft.problems:
        raise Http404
    step, reason = request.GET.get("step", ""), request.GET.get("reason", "")
    context = {
        "campaign": draft.campaign,
        "tab": "schedule",
        "people": _behind(draft, step, reason, timezone.now()),
        "words": _words(step, reason),
        "shown": SHOWN,
    }
    template = "_people" if request.htmx else "people"  # type: ignore[attr-defined]
    return render(request, f"campaigns/schedule/{template}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask whether to run now, with the count; a POST runs. The same token again shows the same run."""
    campaign, now = _campaign(campaign_id), timezone.now()
    draft = drafts.read(campaign)
    begun = Run.objects.filter(token=request.POST.get("token", "")).first()
    if begun:
        messages.info(request, _("This run had been started already."))
        return _go(request, begun)
    if draft.problems:
        return _show(request, {**_context(campaign, draft)}, status=422 if request.POST else 200)
    form = StartForm(request.POST or None, campaign=campaign, people=_count(draft, now))
    if form.is_bound and form.is_valid():
        try:
            return _start(request, campaign, form.cleaned_data["token"], now)
        except versions.NotReady as refused:
            return _show(
                request,
                {**_context(campaign), "problems": _linked(campaign, refused.problems)},
                status=422,
            )
    asked = request.POST or request.GET
    context = {**_context(campaign, draft), "form": form, "texts": _number(asked.get("texts"))}
    return _show(request, context, status=422 if form.is_bound else 200)


def _start(request: HttpRequest, campaign: Campaign, token: str, now: datetime) -> HttpResponse:
    started = launch.start(campaign, token=token, by=request.user, now=now)
    tasks.prepare_run.delay_on_commit(run_id=started.pk)  # type: ignore[attr-defined]
    messages.success(
        request,
        _("Running. What was drafted is published as version %d.") % started.version.number,
    )
    return _go(request, started)


def _go(request: HttpRequest, to: Run) -> HttpResponse:
    url = f"{reverse('campaigns:results', args=[to.campaign_id])}?run={to.pk}"
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def _show(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    template = "_run" if request.htmx else "run"  # type: ignore[attr-defined]
    return render(request, f"campaigns/schedule/{template}.html", context, status=status)


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("node", "smart_list"), pk=pk)


def _context(campaign: Campaign, draft: Draft | None = None) -> dict[str, Any]:
    draft = draft or drafts.read(campaign)
    newest = campaign.versions.first()
    is_published = versions.is_published(campaign, draft)
    return {
        "campaign": campaign,
        "tab": "schedule",
        "problems": _linked(campaign, draft.problems),
        "newer_drafts": references.messages_with_newer_draft(campaign),
        "open_runs": launch.open_runs(campaign),
        "version": newest.number if newest else 0,
        "next_version": (newest.number if newest else 0) + (not is_published),
        "is_published": is_published,
    }


def _linked(campaign: Campaign, problems: list[drafts.Problem]) -> list[tuple[str, str]]:
    """(words, address of the place that mends it) of each problem."""
    return [
        (each.words, f"{reverse(f'campaigns:{each.tab}', args=[campaign.pk])}#{each.anchor}")
        for each in problems
    ]


def _count(draft: Draft, now: datetime) -> int:
    return audience.people(draft.smart_list.spec, now=now).count()


def _behind(draft: Draft, step: str, reason: str, now: datetime) -> list[Person]:
    if not step:
        found = audience.people(draft.spec.smart_list, now=now)
        return list(found.order_by("last_name", "first_name", "pk")[:SHOWN])
    if _number(step) not in {each.id for each in draft.spec.steps}:
        raise Http404
    return preflight.people_by_reason(
        draft.spec, step_id=int(step), reason=reason, now=now, limit=SHOWN
    )


def _words(step: str, reason: str) -> str:
    if not step:
        return _("People who qualify")
    return _("Will be sent") if reason == "queued" else preflight.label(reason)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
