"""Moving things of the tree: the dialog that looks for a place, and what was dragged there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import outline, tree
from campaigns.models import Node
from campaigns.views import branches, lines, nodes

PLACES_AT_MOST = 50
TOP = "top"


@dataclass(frozen=True)
class Place:
    """Somewhere to move to: its name, and the names of what it lies in."""

    value: str
    name: str
    icon: str
    above: str = ""


class MoveForm(forms.Form):
    """`parent` is the id of a place, or "top". Nothing chosen is a mistake, not the top."""

    parent = forms.RegexField(
        r"^(top|[0-9]{1,17})$",
        error_messages={
            "invalid": gettext_lazy("Choose a place."),
            "required": gettext_lazy("Choose a place."),
        },
    )

    def place(self) -> Node | None:
        chosen = self.cleaned_data["parent"]
        if chosen == TOP:
            return None
        found = Node.objects.shown().filter(pk=int(chosen)).first()
        if found is None:
            raise tree.WrongPlace(_("That place was deleted meanwhile. Choose another."))
        return found


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, node_id: int) -> HttpResponse:
    """Ask where to, and look for it (`find`: words its name begins with); then move it there."""
    node = get_object_or_404(Node.objects.shown(), pk=node_id)
    asked = request.POST if request.method == "POST" else request.GET
    error = ""
    if request.method == "POST" and "look" not in request.POST:
        try:
            return _moved(request, node)
        except tree.TreeError as refused:
            error = str(refused)
    words = asked.get("find", "").strip()[:100]
    context = {
        "node": node,
        "words": words,
        "places": places(node, words),
        "at_most": PLACES_AT_MOST,
        "chosen": asked.get("parent") or _value(node.parent_id),
        "error": error,
    }
    template = "_move" if request.htmx else "move_page"  # type: ignore[attr-defined]
    status = 422 if error else 200
    return render(request, f"campaigns/tree/{template}.html", context, status=status)


@require_POST
def drop(request: HttpRequest, node_id: int) -> HttpResponse:
    """What was dragged onto a line (`parent`); a refusal is shown, and leaves the tree as it is."""
    node = get_object_or_404(Node.objects.shown(), pk=node_id)
    try:
        return _moved(request, node)
    except tree.TreeError as refused:
        messages.error(request, _("“%s” stays where it is.") % node + " " + str(refused))
        return HttpResponse(status=204)


def places(node: Node, words: str) -> list[Place]:
    """Where it can go: folders and programs with words that begin so, but not what is in it, in a fixed
    number of queries. Nothing asked: also the top, and first where it is."""
    kinds = [Node.Kind.FOLDER, Node.Kind.PROGRAM]
    inside = set(outline.subtree(node)) if node.is_container else set()
    found = outline.places(words, but=inside, limit=PLACES_AT_MOST, kinds=kinds)
    here = [] if words or node.parent_id is None else [node.parent_id]
    ids = list(dict.fromkeys([*here, *(each.pk for each in found)]))[:PLACES_AT_MOST]
    chains = outline.paths(ids)
    top = Place(TOP, _("At the top"), "house")
    return [*([] if words else [top]), *(_place(chains[pk]) for pk in ids)]


def _place(chain: list[Node]) -> Place:
    here = chain[-1]
    above = " / ".join(each.name for each in chain[:-1])
    return Place(str(here.pk), here.name, branches.ICONS[Node.Kind(here.kind)], above)


def _moved(request: HttpRequest, node: Node) -> HttpResponse:
    """Raises TreeError where it cannot go there."""
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise tree.WrongPlace(str(form.errors["parent"][0]))
    place = form.place()
    if (place and place.pk) != node.parent_id:
        tree.move(node, parent=place)
        messages.success(request, _said(node, place))
    if request.htmx:  # type: ignore[attr-defined]
        return lines.redrawn(request, node)
    return nodes.go(request, node)


def _said(node: Node, place: Node | None) -> str:
    if place is None:
        return _("“%s” is at the top now.") % node
    return _("“%(name)s” is in “%(place)s” now.") % {"name": node, "place": place}


def _value(parent: Any) -> str:
    return str(parent or TOP)
