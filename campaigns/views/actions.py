"""Single flow actions: choose a step for people of any list, confirm how many, and watch it in Results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns import acting, launch, sources, tasks, versions
from campaigns.models import Run
from campaigns.registry import ConfigForm, StepType
from campaigns.sources import Chosen
from people import paging
from people.views.back import back
from people.views.rights import refuse_unless_may

from . import cards
from .confirming import digits
from .going import go_to_results
from .rights import ACT_ON_PEOPLE

PREFIX = "step"


class ActForm(forms.Form):
    """How many people it was shown for: only what was seen is confirmed. Many have to be typed."""

    token = forms.CharField(max_length=64, widget=forms.HiddenInput)
    people = forms.IntegerField(widget=forms.HiddenInput)
    typed = forms.CharField(
        label=gettext_lazy("Number of people"),
        required=False,
        widget=forms.TextInput(
            {"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )

    def __init__(self, data: Any, *, people: int, token: str) -> None:
        self.seen = {"people": people, "token": token}
        super().__init__(data, initial=self.seen)
        self.shown = number_format(people, force_grouping=True)
        self.must_type = people > launch.CONFIRM_ABOVE.get()
        if not self.must_type:
            del self.fields["typed"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.seen["people"]:
            self.add_error(None, _("There is nobody to do it with."))
        elif cleaned.get("people") != self.seen["people"]:
            self.data = {**self.seen, "typed": ""}
            words = _("The number of people has changed meanwhile. It is %s now.")
            self.add_error(None, words % self.shown)
        elif self.must_type and digits(cleaned.get("typed", "")) != str(self.seen["people"]):
            self.add_error("typed", _("Type the number of people: %s.") % self.shown)
        return cleaned


class _Card:
    """The chosen step, as `cards` dresses it: its form with what was posted, or with what it begins with."""

    prefix = PREFIX

    def __init__(self, type_: StepType[Any], form: ConfigForm) -> None:
        self.type, self.form = type_, form

    @property
    def summary(self) -> str:
        valid = self.form.is_valid()
        return self.type.summary(self.type.params(self.form)) if valid else str(self.type.label)


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest) -> HttpResponse:
    """Choose a step for the ticked people (`person`, by POST) or all of a list (`all`); `go` starts it."""
    refuse_unless_may(request, ACT_ON_PEOPLE)
    asked, now = (request.POST or request.GET), timezone.now()
    if begun := Run.objects.filter(token=asked.get("token", ""), chosen__has_key="kind").first():
        messages.info(request, _("This had been started already."))
        return go_to_results(request, begun)
    try:
        chosen = _chosen(asked)
        people = chosen.people(now=now).count()
    except sources.NoSuchPeople as refused:
        messages.warning(request, str(refused))
        return HttpResponseRedirect(reverse("people:database"))
    if not people:
        messages.warning(request, _("Nobody was ticked, or nobody of them is here any more."))
        return HttpResponseRedirect(back(asked, otherwise=reverse("people:database")))
    return _answer(request, asked, chosen, people, now)


def _answer(
    request: HttpRequest, asked: Any, chosen: Chosen, people: int, now: datetime
) -> HttpResponse:
    card, goes = _card(asked), "go" in asked
    token = asked.get("token") or launch.new_token()
    form = ActForm(asked if goes else None, people=people, token=token)
    problems: list[str] = []
    # Both are asked, so that everything that is wrong is said at once.
    if card and all([card.form.is_valid(), goes and form.is_valid()]):
        try:
            return _start(request, chosen, card, token, now)
        except versions.NotReady as refused:
            problems = [each.words for each in refused.problems]
    if goes and card is None:
        problems = [_("Choose a step.")]
    if card and not goes:
        card.form.errors.clear()  # nobody has been asked to fill it in yet
    if card:
        cards.dress([card])
    context = {
        "chosen": chosen,
        "people": people,
        "ids": chosen.ids,
        "all": asked.get("all", ""),
        "next": back(asked, otherwise=reverse("people:database")),
        "steps": acting.offered(),
        "card": card,
        "form": form,
        "problems": problems,
    }
    template = "_act" if request.htmx else "act"  # type: ignore[attr-defined]
    status = 422 if goes else 200
    return render(request, f"campaigns/actions/{template}.html", context, status=status)


def _start(
    request: HttpRequest, chosen: Chosen, card: _Card, token: str, now: datetime
) -> HttpResponse:
    run, is_new = acting.begin(
        chosen, kind=card.type.kind, form=card.form, token=token, by=request.user, now=now
    )
    if is_new:
        tasks.prepare_run.delay_on_commit(run_id=run.pk)  # type: ignore[attr-defined]
        messages.success(request, _("Begun: %s") % card.summary)
    else:
        messages.info(request, _("This had been started already."))
    return go_to_results(request, run)


def _chosen(asked: Any) -> Chosen:
    if asked.get("all"):
        return sources.all_of(asked["all"])
    ids = [number for one in asked.getlist("person") if (number := paging.number(one))]
    return sources.ticked(ids)


def _card(asked: Any) -> _Card | None:
    """The step that is chosen, with its settings; those of another one chosen before are dropped."""
    kind = asked.get("kind", "")
    for type_ in acting.offered():
        if type_.kind == kind:
            drawn = asked.get("drawn", "") == kind
            form = type_.Form(asked, prefix=PREFIX) if drawn else None
            return _Card(type_, form or type_.form(type_.starting(), prefix=PREFIX))
    return None
