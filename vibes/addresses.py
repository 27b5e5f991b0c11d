"""Where calls to Vibes may go: a host typed on a page is asked for only where it is listed."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vibes.models.account import HOSTS


def complaint(url: str) -> str | Promise:
    """Why no call may go to this address; empty when one may.

    Allowed are Vibes' own hosts by https, this machine, and what VIBES_ALLOW_HOSTS names.
    """
    if url in HOSTS.values():
        return ""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return _("This is not an address.")
    if parts.scheme not in ("http", "https") or not host:
        return _("The address must begin with http:// or https:// and name a host.")
    if parts.username or parts.password or parts.query or parts.fragment:
        return _("The address must be a host only, without user, query or fragment.")
    if _is_this_machine(host) or host in settings.VIBES_ALLOW_HOSTS:
        return ""
    return _("This host is not allowed here. Name it in VIBES_ALLOW_HOSTS to allow it.")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
