"""Making, renaming, cloning and deleting nodes: each a small dialog, or a page without script."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from campaigns import binning, cloning, outline, tree
from campaigns.models import Campaign, NamedList, Node
from campaigns.uses import Use
from campaigns.views import branches, lines
from people.models import StaticList
from people.rights import DELETE_LIST
from people.views.rights import refuse_unless_may

TITLES: dict[str, str | Promise] = {
    Node.Kind.FOLDER: gettext_lazy("New folder"),
    Node.Kind.PROGRAM: gettext_lazy("New program"),
    Node.Kind.CAMPAIGN: gettext_lazy("New smart campaign"),
    Node.Kind.MESSAGE: gettext_lazy("New SMS message"),
    Node.Kind.SMART_LIST: gettext_lazy("New smart list"),
    Node.Kind.STATIC_LIST: gettext_lazy("New static list"),
}


# What is said before something is deleted that somebody might take for something else.
DELETING: dict[str, Promise] = {
    Node.Kind.SMART_LIST: gettext_lazy("Only the question goes. The people it finds stay."),
    Node.Kind.STATIC_LIST: gettext_lazy(
        "Only the list goes. The people on it stay in the database, with their history."
    ),
}

_TOGETHER = gettext_lazy(
    "With everything in it. What refers to something in it refers to the clone of that; static lists are"
    " cloned without the people on them. Nothing is scheduled."
)
# What is said before something is cloned.
CLONING: dict[str, str | Promise] = {
    Node.Kind.FOLDER: _TOGETHER,
    Node.Kind.PROGRAM: _TOGETHER,
    Node.Kind.CAMPAIGN: gettext_lazy("With its smart list and its flow. It is not scheduled."),
    Node.Kind.MESSAGE: gettext_lazy("What is approved of it is approved in the clone."),
    Node.Kind.STATIC_LIST: gettext_lazy("Nobody is on the clone: people are not cloned."),
}


class PlaceForm(forms.Form):
    """Where something goes: a folder or program, or the top."""

    parent = forms.TypedChoiceField(
        label=gettext_lazy("Where"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        indented = [(node.pk, "\u2003" * node.depth + node.name) for node in outline.containers()]  # type: ignore[attr-defined]
        self.fields["parent"].choices = [("", _("At the top")), *indented]  # type: ignore[attr-defined]
        self.fields["parent"].widget.attrs["class"] = "form-select"

    def place(self) -> Node | None:
        chosen = self.cleaned_data["parent"]
        return get_object_or_404(Node.objects.present(), pk=chosen) if chosen else None


class NameForm(forms.Form):
    # The tree itself says what is wrong with a name.
    name = forms.CharField(label=gettext_lazy("Name"), required=False, widget=forms.TextInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["name"].widget.attrs |= {
            "class": "form-control", "maxlength": "255", "autofocus": True, "autocomplete": "off"
        }  # fmt: skip


class NewForm(NameForm, PlaceForm):
    field_order = ["name", "parent"]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for a name and a place, make it, and open it."""
    if kind not in TITLES:
        raise Http404
    form = NewForm(request.POST or None, initial={"parent": request.GET.get("parent")})
    if form.is_bound and form.is_valid():
        try:
            return go(request, _make(request, kind, form))
        except tree.TreeError as refused:
            form.add_error(_at_fault(refused), str(refused))
    return ask(request, form, title=TITLES[kind], verb=_("Create"))


@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, node_id: int) -> HttpResponse:
    node = _shown(node_id)
    form = NameForm(request.POST or None, initial={"name": node.name})
    if form.is_bound and form.is_valid():
        try:
            tree.rename(node, name=form.cleaned_data["name"])
            return go(request, node)
        except tree.TreeError as refused:
            form.add_error("name", str(refused))
    return ask(request, form, title=_("Rename"), verb=_("Rename"))


@require_http_methods(["GET", "POST"])
def clone(request: HttpRequest, node_id: int) -> HttpResponse:
    """Ask for a name and a place, clone it with what is in it, and open the clone."""
    node = _shown(node_id)
    there = {"name": cloning.free_name(node, node.parent), "parent": node.parent_id}
    form = NewForm(request.POST if request.method == "POST" else None, initial=there)
    if form.is_bound and form.is_valid():
        name, parent, now = form.cleaned_data["name"], form.place(), timezone.now()
        try:
            copy = cloning.clone(node, name=name, parent=parent, by=request.user, now=now)
            return go(request, copy)
        except tree.TreeError as refused:
            form.add_error(_at_fault(refused), str(refused))
    title = _("Clone “%s”") % node.name
    return ask(request, form, title=title, verb=_("Clone"), note=CLONING.get(node.kind, ""))


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, node_id: int) -> HttpResponse:
    node = _shown(node_id)
    inside = outline.subtree(node)
    # It is the same list that the database shows.
    if StaticList.objects.filter(placed__node__among=inside).exists():
        refuse_unless_may(request, DELETE_LIST)
    form = forms.Form(request.POST if request.method == "POST" else None)
    uses: Sequence[Use] = ()
    if form.is_bound and form.is_valid():
        parent, leaves = node.parent, lines.concerns(request, inside)
        try:
            binning.delete(node, by=request.user, now=timezone.now())
            words = _("“%s” is in the recycle bin, and can be restored for 30 days.")
            messages.success(request, words % node.name)
            return go(request, parent) if leaves else done(request, parent)
        except tree.InUse as refused:
            form.add_error(None, str(refused))
            uses = refused.uses
    more = {"uses": uses, "note": _what_goes(node)}
    return ask(request, form, title=_("Delete “%s”?") % node.name, verb=_("Delete"), **more)


def _what_goes(node: Node) -> str:
    inside = len(outline.subtree(node)) - 1
    with_it = ngettext(
        "With the %d thing in it, it goes into the recycle bin, and can be restored for 30 days.",
        "With the %d things in it, it goes into the recycle bin, and can be restored for 30 days.",
        inside,
    )
    alone = _("It goes into the recycle bin, and can be restored for 30 days.")
    return f"{DELETING.get(node.kind, '')} {with_it % inside if inside else alone}".strip()


def _shown(node_id: int) -> Node:
    return get_object_or_404(Node.objects.shown(), pk=node_id)


def _make(request: HttpRequest, kind: str, form: NewForm) -> Node:
    parent, name, now = form.place(), form.cleaned_data["name"], timezone.now()
    if kind == Node.Kind.FOLDER:
        return tree.create_folder(parent=parent, name=name, now=now)
    if kind == Node.Kind.PROGRAM:
        return tree.create_program(parent=parent, name=name, now=now)
    if kind == Node.Kind.STATIC_LIST:
        return tree.create_static_list(parent=parent, name=name, now=now).node
    if kind in _EDITED:
        return _EDITED[kind](parent=parent, name=name, by=request.user, now=now).node
    return tree.create_message(parent=parent, name=name, now=now).node


# What notes who made it.
_EDITED: dict[str, Callable[..., Campaign | NamedList]] = {
    Node.Kind.CAMPAIGN: tree.create_campaign,
    Node.Kind.SMART_LIST: tree.create_list,
}


def _at_fault(refused: tree.TreeError) -> str:
    return "parent" if isinstance(refused, tree.WrongPlace) else "name"


def ask(
    request: HttpRequest, form: forms.Form, *, title: str | Promise, verb: str, **more: Any
) -> HttpResponse:
    """The dialog; with its errors it is a 422, which htmx shows and a script can tell from success."""
    template = "_dialog" if request.htmx else "dialog_page"  # type: ignore[attr-defined]
    context = {"form": form, "title": title, "verb": verb, "danger": verb == _("Delete"), **more}
    status = 422 if form.is_bound else 200
    return render(request, f"campaigns/tree/{template}.html", context, status=status)


def done(request: HttpRequest, node: Node | None) -> HttpResponse:
    """After a deed in the tree that its page is not about: the tree anew beside it; without one, as `go`."""
    if request.htmx and "node" in request.POST:  # type: ignore[attr-defined]
        return lines.redrawn(request, node)
    return go(request, node)


def go(request: HttpRequest, node: Node | None) -> HttpResponse:
    """Open `node` (None: the top) as a whole page, so that the tree shows it in its new place."""
    url = reverse("campaigns:tree")
    if node:
        url = branches.address(outline.with_state(Node.objects.all()).get(pk=node.pk))
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
