"""Back to the page on which something was asked for."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.http import url_has_allowed_host_and_scheme


def back(asked: Mapping[str, str], *, otherwise: str) -> str:
    """The address that a form or a link carries as `next`; `otherwise` where that is none of ours."""
    here = asked.get("next", "")
    # Only what stays on this site: an address with a host would lead away from it, whoever made the link.
    is_ours = here.startswith("/") and url_has_allowed_host_and_scheme(here, allowed_hosts=None)
    return here if is_ours else otherwise
