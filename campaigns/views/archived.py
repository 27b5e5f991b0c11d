"""What is archived: its page, and putting things there and back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import archiving, outline
from campaigns.models import Node
from campaigns.views import branches, lines, nodes

SHOWN = 200


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What was archived by itself, by name, with where it is."""
    found = outline.stated(Node.objects.shown().archived().in_order()[:SHOWN])
    chains = outline.paths(node.pk for node in found)
    lines = [
        (branches.Branch(node, level=1), " / ".join(map(str, chains[node.pk][:-1])))
        for node in found
    ]
    return render(request, "campaigns/tree/archived.html", {"lines": lines, "at_most": SHOWN})


@require_POST
def archive(request: HttpRequest, node_id: int) -> HttpResponse:
    node = get_object_or_404(Node.objects.shown(), pk=node_id)
    archiving.archive(node)
    messages.success(request, _("“%s” is archived.") % node)
    return _done(request, node)


@require_POST
def unarchive(request: HttpRequest, node_id: int) -> HttpResponse:
    node = get_object_or_404(Node.objects.shown(), pk=node_id)
    try:
        archiving.unarchive(node)
        messages.success(request, _("“%s” is no longer archived.") % node)
    except archiving.ArchivedAbove as refused:
        messages.error(request, str(refused))
    return _done(request, node)


def _done(request: HttpRequest, node: Node) -> HttpResponse:
    """Its own page says whether it is archived, and so do those of what is in it."""
    is_about_it = lines.concerns(request, outline.subtree(node))
    return nodes.go(request, node) if is_about_it else nodes.done(request, node)
