"""A new person by hand. Who has the same e-mail address or number is named first; nobody is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from people import editing, email, groups, instance, known, mobile
from people.models import Person
from people.person_form import PersonForm


@dataclass(frozen=True)
class Part:
    """A part of the form: its heading and boxes. Those one seldom fills in by hand are folded."""

    title: str | Promise
    boxes: list[forms.BoundField]
    is_open: bool


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    twins: list[Person] = []
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")
        twins = _twins(form.cleaned_data["email"], form.number.get("mobile", ""))
        if not twins or seen == _told(twins):
            return _make(request, form)
    context: dict[str, Any] = {"form": form, "parts": _parts(form), "twins": twins}
    context |= {"told": _told(twins)}
    status = 422 if form.errors or twins else 200
    return render(request, "people/new_person.html", context, status=status)


@require_safe
def twins(request: HttpRequest) -> HttpResponse:
    """Who has what was typed so far: asked when the box of the address or the number is left."""
    region = instance.DEFAULT_REGION.get()
    number = mobile.parse(request.GET.get("mobile_typed", "")[:64], region=region).e164
    found = _twins(email.normal(request.GET.get("email", "")[:254]), number)
    return render(request, "people/_twins.html", {"twins": found, "told": _told(found)})


def _make(request: HttpRequest, form: PersonForm) -> HttpResponse:
    made = editing.create(form.values(), by=request.user.get_username(), now=timezone.now())
    messages.success(request, _("%(person)s is in the database.") % {"person": made})
    return redirect(made)


def _twins(address: str, number: str) -> list[Person]:
    return known.who_has(email=address.replace("\0", ""), mobile=number)


def _told(twins: list[Person]) -> str:
    """Of whom somebody was told: adding goes ahead once these have been seen."""
    return ",".join(str(each.pk) for each in twins)


def _parts(form: PersonForm) -> list[Part]:
    boxes = {box.name: box for box in form}
    found = [
        (group.title, [boxes[name] for name in group.names])
        for group in groups.of(form.known.values())
    ]
    return [
        Part(title, part, place < 2 or any(box.errors for box in part))
        for place, (title, part) in enumerate(found)
    ]
