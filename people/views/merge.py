"""Merging people: choose, look at what will happen, then do it. There is no way back, and it says so."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from people import fields, merging, paging
from people.merge_form import MergeForm
from people.merging import Look, NotMerged
from people.models import Person
from people.rights import MERGE

from .back import back
from .rights import who_may


@who_may(MERGE)
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest) -> HttpResponse:
    """Choose (GET), see what it does (POST), and do it once just that has been seen (`do=merge`).

    From a table with ticks it begins with a post (`do=choose`): that leads to the page where to choose.
    """
    try:
        people = merging.get(_ids(request))
    except NotMerged as why:
        return _refuse(request, why)
    if request.POST.get("do") == "choose":
        chosen = urlencode({"person": [each.pk for each in people]}, doseq=True)
        return redirect(f"{reverse('people:merge')}?{chosen}")
    form = MergeForm(people, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, form, status=422 if form.errors else 200)
    if request.POST.get("do") == "merge" and form.cleaned_data["seen"] == form.mark():
        return _do(request, form)
    return _show(request, form)


def _do(request: HttpRequest, form: MergeForm) -> HttpResponse:
    by = request.user.get_username()
    try:
        survivor = merging.merge(form.ids(), form.choice(), by=by, now=timezone.now())
    except NotMerged as why:
        messages.error(request, str(why))
        return _show(request, form, status=409)
    said = _("%(n)d records are one now: %(person)s.")
    messages.success(request, said % {"n": len(form.people), "person": survivor})
    return redirect(survivor)


def _show(request: HttpRequest, form: MergeForm, *, status: int = 200) -> HttpResponse:
    """The form with what it would do above it. Whoever was merged meanwhile is no longer there."""
    try:
        look = merging.look(merging.get(form.ids()), form.choice())
    except NotMerged as why:
        return _refuse(request, why)
    return _ask(request, form, look=look, status=status)


def _refuse(request: HttpRequest, why: NotMerged) -> HttpResponse:
    messages.error(request, str(why))
    return redirect(back(request.POST, otherwise=reverse("people:database")))


def _ask(
    request: HttpRequest, form: MergeForm, *, look: Look | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "rows": form.rows(),
        "same": _same(form),
        "look": look,
        "mark": form.mark() if look else "",
        "consent": _consent(form.people),
        "changed": _changed(look) if look else [],
    }
    return render(request, "people/merge.html", context, status=status)


def _same(form: MergeForm) -> list[tuple[str, str]]:
    """The fields in which they agree, and what all of them have there."""
    differing, first = {each.name for each in form.differing}, form.people[0]
    agreed = [
        each
        for each in fields.everything().values()
        if each.name not in differing | merging.NOT_CHOSEN
    ]
    return [
        (str(each.label), each.type.shown(value))
        for each in agreed
        if not each.is_blank(value := each.value(first))
    ]


def _consent(people: list[Person]) -> list[tuple[str, str]]:
    """What stays forbidden because it was of one of them, and why."""
    strict = merging.strictest(people)
    return [
        (fields.label(flag), str(strict.get(why, "")))
        for flag, why in merging.CONSENT.items()
        if flag in strict
    ]


def _changed(look: Look) -> list[tuple[str, str, str]]:
    """Label, before and after of each field of the kept record that changes."""
    return [
        (fields.label(name), fields.shown(name, before) or "—", fields.shown(name, after) or "—")
        for name, (before, after) in look.changes.items()
    ]


def _ids(request: HttpRequest) -> list[int]:
    posted = request.POST if request.method == "POST" else request.GET
    told = [paging.number(each) for each in posted.getlist("person")]
    return [each for each in told if each]
