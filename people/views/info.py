"""The Info tab: every field of a person, edited where it stands and saved when its box is left."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from people import editing, fields, groups, history, value_history
from people.models import Person
from people.person_form import PersonForm
from people.rights import LIFT, lacks
from people.views.one import frame, person
from people.views.rights import refuse_unless_may

SAYS = {
    "block_listed": gettext_lazy("Gets no text and no e-mail at all."),
    "marketing_suspended": gettext_lazy("Gets no marketing texts for now."),
    "unsubscribed": gettext_lazy("Asked for no more marketing e-mail. Texts still go."),
    "email_invalid": gettext_lazy("E-mail to the address came back. Texts still go."),
    "do_not_call": gettext_lazy("Does not want to be called. Texts still go."),
}


@dataclass(frozen=True)
class Boxes:
    """A group of fields with their boxes."""

    title: str | Promise
    slug: str
    boxes: list[forms.BoundField]


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, person(pk))


@require_POST
def field(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Save one field; an error stands at it, and what was typed stays."""
    one = person(pk)
    form = _form_of(one, name, request)
    if not form.is_valid():
        return _refused(request, one, name, form)
    editing.change(one, form.values(), by=request.user.get_username(), now=timezone.now())
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(one)
    box = _described(PersonForm(person=one, only=[name])[name])
    context = {"person": one, "state": history.state(pk), "box": box}
    return render(request, "people/_field_saved.html", context)


@require_safe
def values(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """What a field was: who changed it, when, from what to what."""
    one = person(pk)
    known = fields.find(name)
    if known is None:
        raise Http404
    context = {"person": one, "field": known, "changes": value_history.of(one, name)}
    template = "_value_history" if request.htmx else "value_history"  # type: ignore[attr-defined]
    return render(request, f"people/{template}.html", context)


@require_POST
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn one of the flags on or off; the history says who did."""
    one = person(pk)
    name = request.POST.get("flag", "")
    if name not in groups.FLAGS:
        raise Http404
    on = request.POST.get("value") == "yes"
    if not on:  # to forbid more is everybody's
        refuse_unless_may(request, LIFT)
    editing.change(one, {name: on}, by=request.user.get_username(), now=timezone.now())
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(one)
    context = frame(one, "info") | _flags(request, one)
    response = render(request, "people/_flagged.html", context)
    return trigger_client_event(response, "person-changed")


def _flags(request: HttpRequest, one: Person) -> dict[str, object]:
    """The switches, each with what it means; and why those that are on stay on, for who may not lift them."""
    switches = [
        {"name": name, "label": fields.label(name), "on": getattr(one, name), "says": SAYS[name]}
        for name in groups.FLAGS
    ]
    return {"flags": switches, "lacks": "" if request.user.has_perm(LIFT) else lacks(LIFT)}


def _form_of(one: Person, name: str, request: HttpRequest) -> PersonForm:
    """The form of this field alone. Raises Http404 where there is none."""
    if fields.find(name) is None or name in groups.FLAGS:
        raise Http404
    return PersonForm(request.POST, person=one, only=[name])


def _refused(request: HttpRequest, one: Person, name: str, form: PersonForm) -> HttpResponse:
    errors = [*form.errors.get(name, []), *form.non_field_errors()]
    if request.htmx:  # type: ignore[attr-defined]
        context = {"person": one, "box": _described(form[name]), "errors": errors}
        return render(request, "people/_in_place.html", context, status=422)
    return _page(request, one, refused=(name, form, errors))


def _page(
    request: HttpRequest, one: Person, refused: tuple[str, PersonForm, list[str]] | None = None
) -> HttpResponse:
    """The tab; without script a refused field shows what was typed, and why it was not taken."""
    form = PersonForm(person=one)
    boxes = {box.name: box for box in form}
    if refused:
        boxes[refused[0]] = refused[1][refused[0]]
    context = frame(one, "info") | {
        "groups": [_boxes(each, boxes) for each in _groups(form)],
        **_flags(request, one),
        "refused": refused[0] if refused else "",
        "errors": refused[2] if refused else [],
    }
    return render(request, "people/person.html", context, status=422 if refused else 200)


def _groups(form: PersonForm) -> list[groups.Group]:
    return groups.of(form.known.values(), but=groups.FLAGS)


def _boxes(group: groups.Group, boxes: dict[str, forms.BoundField]) -> Boxes:
    return Boxes(group.title, group.slug, [_described(boxes[name]) for name in group.names])


def _described(box: forms.BoundField) -> forms.BoundField:
    helps = f" {box.auto_id}_helptext" if box.help_text else ""
    box.field.widget.attrs["aria-describedby"] = f"state-{box.name}{helps}"
    return box
