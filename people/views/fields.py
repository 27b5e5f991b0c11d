"""Database → Fields: what an installation keeps of people besides the standard fields, and who uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from people import defining, field_uses, fields
from people.field_types import TYPES
from people.field_uses import Use
from people.fields import Field
from people.forms import looks
from people.models import CustomField, Person
from people.rights import DEFINE, lacks

from .rights import refuse_unless_may, who_may

MANY = 1_000  # people who lose a value, from which on the number must be typed


class FieldForm(forms.Form):
    """A name, a meaning, and of a new one the type; `defining` says what stands against it."""

    label = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        error_messages={"required": gettext_lazy("Type a name.")},
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=lambda: [("", _("Choose…")), *((each.word, each.label) for each in TYPES.values())],
        error_messages={"required": gettext_lazy("Choose a type.")},
        help_text=gettext_lazy(
            "How values are read, compared and sorted. It cannot be changed later."
        ),
        widget=forms.Select(attrs={"data-native": ""}),
    )
    meaning = forms.CharField(label=gettext_lazy("What it means"), max_length=255, required=False)

    def __init__(self, *args: Any, row: CustomField | None = None, **kwargs: Any) -> None:
        if row:
            kwargs["initial"] = {"label": row.label, "meaning": row.help}
        super().__init__(*args, **kwargs)
        if row:
            del self.fields["type"]
        looks(self)


@dataclass(frozen=True)
class Row:
    """A field with those who use it; a standard one has no row of its own."""

    field: Field
    uses: list[Use]
    row: CustomField | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All fields; a POST makes a new one."""
    form = FieldForm(request.POST or None)
    if request.method == "POST":
        refuse_unless_may(request, DEFINE)
        if form.is_valid() and (made := _define(request, form)):
            messages.success(request, _("“%(field)s” can be used now.") % {"field": made})
            return redirect("people:fields")
    rows = {fields.of_custom(row): row for row in CustomField.objects.all()}
    uses = field_uses.of([*rows])
    context = {
        "own": [Row(field, uses[field.name], row) for field, row in rows.items()],
        "standard": fields.STANDARD.values(),
        "form": form,
        "may": (may := request.user.has_perm(DEFINE)),
        "lacks": "" if may else lacks(DEFINE),
    }
    return render(request, "people/fields.html", context, status=422 if form.errors else 200)


@who_may(DEFINE)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a field or say anew what it means, and see who uses it."""
    row = get_object_or_404(CustomField, pk=pk)
    form = FieldForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid() and _rename(form, row):
        messages.success(request, _("Saved."))
        return redirect("people:fields")
    context = _used(get_object_or_404(CustomField, pk=pk)) | {"form": form}
    return render(request, "people/field.html", context, status=422 if form.errors else 200)


@who_may(DEFINE)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who uses it or who loses a value; a POST deletes it where nobody uses it."""
    row = get_object_or_404(CustomField, pk=pk)
    context = _used(row)
    count = Person.objects.filter(custom__has_key=row.key).count()
    context |= {"count": count, "asks": count >= MANY}
    posted = request.method == "POST"
    complaint = _complaint(request, context) if posted else ""
    if posted and not complaint:
        lost = defining.delete(row)
        messages.success(request, _deleted(row, lost))
        return redirect("people:fields")
    context["complaint"] = complaint
    return render(request, "people/field_delete.html", context, status=422 if complaint else 200)


def _define(request: HttpRequest, form: FieldForm) -> CustomField | None:
    said = form.cleaned_data
    try:
        return defining.define(
            said["label"],
            said["type"],
            meaning=said["meaning"],
            by=request.user,
            now=timezone.now(),
        )
    except defining.Refused as refused:
        form.add_error("label", str(refused))
        return None


def _rename(form: FieldForm, row: CustomField) -> bool:
    try:
        defining.rename(row, form.cleaned_data["label"], meaning=form.cleaned_data["meaning"])
    except defining.Refused as refused:
        form.add_error("label", str(refused))
        return False
    return True


def _used(row: CustomField) -> dict[str, Any]:
    field = fields.of_custom(row)
    uses = field_uses.of([field])[field.name]
    return {"row": row, "field": field, "uses": uses, "held": any(each.holds for each in uses)}


def _complaint(request: HttpRequest, found: dict[str, Any]) -> str:
    if found["held"]:
        return _("It is used. Take it out there first.")
    typed = "".join(each for each in request.POST.get("count", "") if each.isdigit())
    if found["asks"] and typed != str(found["count"]):
        return _("Type the number of people who lose a value: %(count)d.") % found
    return ""


def _deleted(row: CustomField, lost: int) -> str:
    said = ngettext(
        "“%(field)s” is deleted. %(count)d person lost a value.",
        "“%(field)s” is deleted. %(count)d people lost a value.",
        lost,
    )
    return said % {"field": row, "count": lost}
