"""Marketing Activities: the tree, and the page of a folder or program."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from campaigns import outline
from campaigns.models import Node
from campaigns.views import branches
from campaigns.views.branches import Branch

FOUND_AT_MOST = 50


@dataclass(frozen=True)
class Found:
    """A line of the search: what was found, and the names of what it lies in."""

    branch: Branch
    above: str


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What hangs at the top."""
    return render(request, "campaigns/tree/page.html", _contents(None))


@require_safe
def node(request: HttpRequest, node_id: int) -> HttpResponse:
    """What is in a folder or program; anything else has a page of its own."""
    here = get_object_or_404(outline.with_state(Node.objects.shown()), pk=node_id)
    if not here.is_container:
        return redirect(branches.address(here))
    return render(request, "campaigns/tree/page.html", {"node": here, **_contents(here)})


@require_safe
def below(request: HttpRequest, node_id: int) -> HttpResponse:
    """The lines under a node that was opened."""
    here = get_object_or_404(Node.objects.present(), pk=node_id)
    level = request.GET.get("level", "")
    lines = branches.below(here, level=int(level) if level.isdecimal() else 1)
    return render(request, "campaigns/tree/_below.html", {"node": here, "branches": lines})


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What the filter box finds; the tree again when it is empty."""
    words = request.GET.get("q", "").strip()[:100]
    if not words:
        context: dict[str, object] = {"branches": branches.whole(request, [])}
        return render(request, "campaigns/tree/_tree.html", context)
    context = {"words": words, "found": found(words, limit=FOUND_AT_MOST)}
    return render(request, "campaigns/tree/_found.html", context)


def found(words: str, *, limit: int) -> list[Found]:
    """What is called `words`, with where it lies: two queries."""
    nodes = outline.search(words, limit=limit)
    chains = outline.paths(node.pk for node in nodes)
    return [
        Found(Branch(node, level=1), " / ".join(above.name for above in chains[node.pk][:-1]))
        for node in nodes
    ]


def _contents(parent: Node | None) -> dict[str, list[Branch]]:
    """The lines of a page, those that are archived apart."""
    lines = outline.with_state(Node.objects.children_of(parent).with_branches())
    found = [Branch(node, level=1) for node in lines]
    return {
        "contents": [each for each in found if not each.is_archived],
        "archived": [each for each in found if each.is_archived],
    }
