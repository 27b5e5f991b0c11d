"""A line of the tree by itself: its menu, its name changed in place, and the tree drawn anew after a deed."""

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import retarget, trigger_client_event

from campaigns import outline, tree
from campaigns.models import Node
from campaigns.views import branches, titles
from campaigns.views import tree as pages

LEVELS = range(1, tree.DEEPEST + 2)


@require_safe
def menu(request: HttpRequest, node_id: int) -> HttpResponse:
    """What can be done with it, and what can be made where it is."""
    node = get_object_or_404(Node.objects.shown().select_related("parent"), pk=node_id)
    place = node if node.is_container else node.parent
    context = {"node": node, "place": place, "in_tree": True, "level": _level(request)}
    return render(request, "campaigns/tree/_line_menu.html", context)


@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, node_id: int) -> HttpResponse:
    """Change a name where it stands: GET gives the field, POST the tree anew, or the field with what is wrong."""
    node = get_object_or_404(Node.objects.shown(), pk=node_id)
    was = typed = node.name
    error = ""
    if request.method == "POST":
        typed = request.POST.get("name", "")
        try:
            tree.rename(node, name=typed)
            return redrawn(request, node, said=_("“%s” is called “%s” now.") % (was, node.name))
        except tree.TreeError as refused:
            error = str(refused)
    context = {"node": node, "was": was, "typed": typed, "error": error, "level": _level(request)}
    status = 422 if error else 200
    return render(request, "campaigns/tree/_rename_line.html", context, status=status)


def redrawn(request: HttpRequest, node: Node | None, *, said: str = "") -> HttpResponse:
    """The tree as it is now, with `node` in sight, the path above the canvas, and the browser's title.

    The request says what its page is about (`node`) and what the filter asks, as the form #tree-filter does.
    """
    here = pages.node_of(request.POST)
    chain = outline.path(here) if here else []
    context = pages.found_context(request.POST) or _whole(request, chain, node)
    context |= {"above": chain[:-1], "node": here, "shows_path": here is not None}
    context["title"] = titles.of_page(request, here) if here else ""
    response = render(request, "campaigns/tree/_redrawn.html", context)
    for event in ("close-dialog", "tree-changed"):
        trigger_client_event(response, event, {})
    if said:
        trigger_client_event(response, "announce", {"text": said})
    return retarget(response, "#tree-body")


def concerns(request: HttpRequest, ids: Collection[int]) -> bool:
    """Whether the page that asks is about one of these nodes."""
    here = pages.node_of(request.POST)
    return here is not None and here.pk in ids


def _whole(request: HttpRequest, chain: list[Node], node: Node | None) -> dict[str, object]:
    way = {above.pk for above in [*chain, *(outline.path(node)[:-1] if node else [])]}
    lines = branches.whole(request, chain, is_open=branches.opened(request) | way)
    return pages.tree_context(lines, chain[-1] if chain else None)


def _level(request: HttpRequest) -> int:
    level = request.GET.get("level", "")
    return int(level) if level.isdecimal() and int(level) in LEVELS else 0
