"""Personal column views: which columns of people somebody sees, in which order, under which name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from people import column_views, grid
from people.forms import looks
from people.grid import Column
from people.models import ColumnView

MOVES = {"up": -1, "down": 1}


class ViewForm(forms.ModelForm[ColumnView]):
    """The name of a view and whether it comes first; its columns are ticked beside it."""

    class Meta:
        model = ColumnView
        fields = ["name", "is_default"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        looks(self)
        self.fields["is_default"].widget.attrs["class"] = "form-check-input"

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = ColumnView.objects.filter(user=self.instance.user, name=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You have a view of this name."))
        return name


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    assert request.user.pk  # nobody else comes as far as here
    return _edit(request, ColumnView(user_id=request.user.pk, columns=list(grid.USUAL)))


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, _mine(request, pk))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    _mine(request, pk).delete()
    messages.success(request, _("The view is gone. People stay as they are."))
    return redirect("people:database")


def _mine(request: HttpRequest, pk: int) -> ColumnView:
    return get_object_or_404(ColumnView, pk=pk, user=request.user)


def _edit(request: HttpRequest, view: ColumnView) -> HttpResponse:
    """Show the form; a POST keeps it, or moves one column (`up`, `down`) and keeps nothing."""
    known, posted = grid.columns(), request.method == "POST"
    ticked = [name for name in request.POST.getlist("column") if name in known]
    ticked = ticked if posted else [name for name in view.columns if name in known]
    order = _order(request, known, ticked)
    form = ViewForm(request.POST or None, instance=view)
    context = {
        "view": view,
        "form": form,
        "columns": [(known[name], name in ticked) for name in order],
    }
    if moved := next((name for name in MOVES if name in request.POST), ""):
        return _moved(request, context, order, known, name=request.POST[moved], by=MOVES[moved])
    complaint = _complaint(ticked) if posted else ""
    if posted and form.is_valid() and not complaint:
        view.columns = ticked
        return _kept(request, form)
    context["complaint"] = complaint
    return render(request, "people/column_view.html", context, status=422 if posted else 200)


def _order(request: HttpRequest, known: dict[str, Column], ticked: list[str]) -> list[str]:
    """All columns as they stand in the form: first those of the view, then the others."""
    posted = [name for name in request.POST.getlist("order") if name in known]
    return list(dict.fromkeys([*posted, *([] if posted else ticked), *known]))


def _moved(
    request: HttpRequest,
    context: dict[str, Any],
    order: list[str],
    known: dict[str, Column],
    *,
    name: str,
    by: int,
) -> HttpResponse:
    at = order.index(name) if name in order else 0
    to = min(max(at + by, 0), len(order) - 1)
    columns = context["columns"]
    columns.insert(to, columns.pop(at))
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "people/column_view.html", context)
    response = render(request, "people/_columns.html", context)
    said = _("%(column)s moved to %(place)d of %(all)d") % {
        "column": columns[to][0].label,
        "place": to + 1,
        "all": len(order),
    }
    return trigger_client_event(response, "announce", {"text": said})


def _complaint(ticked: list[str]) -> str:
    if not ticked:
        return _("Tick at least one column.")
    if len(ticked) > grid.MOST:
        return _("Tick at most %(most)d columns.") % {"most": grid.MOST}
    return ""


def _kept(request: HttpRequest, form: ViewForm) -> HttpResponse:
    view = column_views.keep(form.save(commit=False))
    messages.success(request, _("“%(view)s” is kept. Only you see it.") % {"view": view})
    return redirect(f"{reverse('people:database')}?{urlencode({'view': view.pk})}")
