"""Marketing Activities: the tree, and the page of a folder or program."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from campaigns import outline
from campaigns.models import Node
from campaigns.views import branches
from campaigns.views.branches import Branch

FOUND_AT_MOST = 250


@dataclass(frozen=True)
class Found:
    """A line of the search: what was found, its name in pieces (what was looked for is marked), and the
    names of what it lies in."""

    branch: Branch
    above: str
    pieces: list[tuple[str, bool]]


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
def again(request: HttpRequest) -> HttpResponse:
    """The tree as it is now; 204 while it is as the page has it (`stamp`). `collapse` closes everything."""
    collapse = "collapse" in request.GET
    if not request.htmx:  # type: ignore[attr-defined]
        return _closed(redirect("campaigns:tree")) if collapse else redirect("campaigns:tree")
    here = node_of(request.GET)
    chain = outline.path(here) if here else []
    is_open = set() if collapse else branches.opened(request)
    lines = branches.whole(request, chain, is_open=is_open)
    if branches.stamp(lines) == request.GET.get("stamp"):
        return HttpResponse(status=204)
    response = render(request, "campaigns/tree/_tree.html", tree_context(lines, here))
    return _closed(response) if collapse else response


def _closed(response: HttpResponse) -> HttpResponse:
    """Have the browser forget which folders were open."""
    response.delete_cookie("tree_open", samesite="Lax")
    return response


def tree_context(lines: list[Branch], node: Node | None) -> dict[str, object]:
    """What the tree's template needs to draw it, and to ask for it again."""
    return {"branches": lines, "current": node, "stamp": branches.stamp(lines)}


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What the filter finds; the tree again when nothing is asked."""
    context = found_context(request.GET)
    if not context:
        return again(request)
    template = "_found" if request.htmx else "find"  # type: ignore[attr-defined]
    return render(request, f"campaigns/tree/{template}.html", context)


def found_context(asked: QueryDict) -> dict[str, object]:
    """What the filter asks for, as its template wants it; empty where it asks nothing."""
    words = asked.get("q", "").strip()[:100]
    kinds = [each for each in asked.getlist("kind") if each in branches.ICONS]
    states = [each for each in asked.getlist("state") if each in outline.KINDS_OF_STATE]
    if not (words or kinds or states):
        return {}
    lines = found(words, limit=FOUND_AT_MOST, kinds=kinds, states=states)
    return {
        "is_filtered": True,
        "words": words,
        "found": [each for each in lines if not each.branch.node.archived_with_id],
        "archived": [each for each in lines if each.branch.node.archived_with_id],
        "at_most": FOUND_AT_MOST if len(lines) == FOUND_AT_MOST else 0,
    }


def node_of(asked: QueryDict) -> Node | None:
    """What the page that asks is about (`node`), where that is there."""
    number = asked.get("node", "")
    return Node.objects.shown().filter(pk=int(number) if _is_id(number) else 0).first()


def found(
    words: str, *, limit: int, kinds: Sequence[str] = (), states: Sequence[str] = ()
) -> list[Found]:
    """What has words that begin with these, with where it lies: a fixed number of queries."""
    nodes = outline.search(words, limit=limit, kinds=kinds, states=states)
    chains = outline.paths(node.pk for node in nodes)
    return [
        Found(
            Branch(node, level=1),
            " / ".join(above.name for above in chains.get(node.pk, [])[:-1]),
            _pieces(node.name, words),
        )
        for node in nodes
    ]


def _pieces(name: str, words: str) -> list[tuple[str, bool]]:
    """The name cut where the words stand at the beginning of one of its own."""
    each = "|".join(re.escape(word) for word in sorted(words.split(), key=len, reverse=True))
    if not each:
        return [(name, False)]
    cut = re.split(rf"(?<!\w)({each})", name, flags=re.IGNORECASE)
    return [(piece, place % 2 == 1) for place, piece in enumerate(cut) if piece]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


def _contents(parent: Node | None) -> dict[str, list[Branch]]:
    """The lines of a page, those that are archived apart."""
    lines = outline.stated(Node.objects.children_of(parent).with_branches())
    found = [Branch(node, level=1) for node in lines]
    return {
        "contents": [each for each in found if not each.is_archived],
        "archived": [each for each in found if each.is_archived],
    }
