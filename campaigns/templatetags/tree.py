"""The tree at the left of every workspace page, and the path above its canvas.

Both are about the page's `node`, or that of its `campaign`, `message` or `named` smart list.
"""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from campaigns import outline
from campaigns.models import Node
from campaigns.views import branches, tree

register = template.Library()

# What the tree's filter calls the states (outline.KINDS_OF_STATE).
STATES = {
    "draft": _("Draft"),
    "approved": _("Approved"),
    "newer-draft": _("Approved, with a newer draft"),
    "never-run": _("Never run"),
    "scheduled": _("Scheduled"),
    "running": _("Running"),
    "active": _("Active"),
    "inactive": _("Inactive"),
    "waiting": _("Running, everybody waits"),
    "paused": _("Paused"),
    "over": _("Over"),
    "attention": _("Missed or refused run"),
    "invalid": _("Invalid"),
}


@register.inclusion_tag("campaigns/tree/_pane.html", takes_context=True)
def tree_pane(context: template.Context) -> dict[str, Any]:
    chain = _chain(context)
    lines = branches.whole(context["request"], chain)
    return {
        **tree.tree_context(lines, chain[-1] if chain else None),
        "place": _place(chain),
        "kinds": [each for each in Node.Kind.choices if each[0] in branches.ICONS],
        "states": STATES.items(),
        "request": context["request"],
    }


@register.inclusion_tag("campaigns/tree/_crumbs.html", takes_context=True)
def tree_crumbs(context: template.Context) -> dict[str, Any]:
    chain = _chain(context)
    return {"above": chain[:-1], "node": chain[-1] if chain else None}


def _chain(context: template.Context) -> list[Node]:
    """From the top to the page's node; asked once a page, however many tags want it."""
    store: dict[Any, Any] = context.render_context.dicts[0]
    if "tree_chain" not in store:
        node = _node(context)
        store["tree_chain"] = outline.path(node) if node else []
    chain: list[Node] = store["tree_chain"]
    return chain


def _node(context: template.Context) -> Node | None:
    for name in ("node", "campaign", "message", "named"):
        if thing := context.get(name):
            return thing if isinstance(thing, Node) else getattr(thing, "node", None)
    return None


def _place(chain: list[Node]) -> Node | None:
    """Where a new thing goes at first: the current folder, or the one around the current thing."""
    containers = [node for node in chain if node.is_container]
    return containers[-1] if containers else None
