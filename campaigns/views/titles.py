"""What the browser's tab says of a workspace page, for answers that change the name of what the page is about."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Node

# By the name of the address; a page that is about the thing as a whole says its name alone.
PARTS = {
    **dict.fromkeys(("node", "message", "static-list"), ""),
    **dict.fromkeys(("smart-list", "named-list"), gettext_lazy("Smart List")),
    "named-list-people": gettext_lazy("People"),
    "flow": gettext_lazy("Flow"),
    "history": gettext_lazy("History"),
    "test-for": gettext_lazy("Test"),
    **dict.fromkeys(("schedule", "forecast", "run", "activate"), gettext_lazy("Schedule")),
    **dict.fromkeys(("results", "explain", "results-people"), gettext_lazy("Results")),
    "members": gettext_lazy("Members"),
}


def of_page(request: HttpRequest, node: Node) -> str:
    """The title of the page from which htmx asks, which is about `node`; empty where it may stay as it is."""
    address = request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]
    try:
        name = resolve(urlsplit(address).path).url_name
    except Resolver404:
        return ""
    if name not in PARTS:
        return ""
    part = PARTS[name]
    return _("%(part)s · %(name)s") % {"part": part, "name": node.name} if part else node.name
