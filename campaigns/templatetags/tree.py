"""The tree at the left of every workspace page, and the path above its canvas."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("campaigns/tree/_pane.html", takes_context=True)
def tree_pane(context: template.Context) -> dict[str, Any]:
    return {}


@register.inclusion_tag("campaigns/tree/_crumbs.html", takes_context=True)
def tree_crumbs(context: template.Context) -> dict[str, Any]:
    return {}
