"""The recycle bin of the tree: what was deleted in the last 30 days, and can come back."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import binning, outline
from campaigns.models import Node
from campaigns.views import branches, nodes

SHOWN = 200


@dataclass(frozen=True)
class Line:
    """Something in the bin: where it was, how many things went with it, and when it goes for good.

    `is_used`: its time is over, and it is here still, for something uses it again.
    """

    node: Node
    icon: str
    above: str
    until: datetime
    is_used: bool


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What can be restored, the latest first."""
    return render(request, "campaigns/tree/bin.html", {"lines": _lines(), "at_most": SHOWN})


@require_POST
def restore(request: HttpRequest, node_id: int) -> HttpResponse:
    """Take it out of the bin, with all that went with it, and open it."""
    node = get_object_or_404(Node.objects.in_the_bin(), pk=node_id)
    before = (node.name, node.parent_id)
    node = binning.restore(node)
    words = _("“%s” is restored.") % node.name
    if node.name != before[0]:
        words += " " + _("Its name was taken meanwhile.")
    if node.parent_id != before[1]:
        words += " " + _("What it was in is gone: it is at the top now.")
    messages.success(request, words)
    return nodes.go(request, node)


def _lines() -> list[Line]:
    found, now = Node.objects.in_the_bin().select_related("binned_by"), timezone.now()
    counted = list(found.annotate(along=Count("binned_along") - 1)[:SHOWN])
    chains = outline.paths(node.pk for node in counted)
    return [
        Line(
            node,
            branches.ICONS[Node.Kind(node.kind)],
            " / ".join(above.name for above in chains[node.pk][:-1]),
            until := (node.binned_at or now) + binning.KEPT_FOR,
            until <= now,
        )
        for node in counted
    ]
