"""Calls to other people's servers: only where operators allow it, never into our own network."""

from __future__ import annotations

import re
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.exceptions import HTTPError

from vibes.client import wire

MOST = 64 * 1024  # bytes of an answer that are read and kept
TIMEOUT = (5.0, 10.0)  # seconds to connect; for the head of an answer, and again for its body
_HOST = re.compile(r"[a-z0-9.-]+")


class NotDone(Exception):
    """An effect did not happen and will not. As text, why; `answer` is what came back, if anything did."""

    def __init__(self, why: str, answer: dict[str, Any] | None = None) -> None:
        super().__init__(why)
        self.answer = answer or {}


class NotNow(NotDone):
    """Nothing has happened, for a reason that may pass: it is tried again."""


class Lost(NotDone):
    """It may have happened: a machine does not try it again."""


class Door(IPFilterAdapter):  # type: ignore[misc]  # it ships no types
    """Looks a name up once, judges the address, and calls that one: a name that answers otherwise the second time
    is not asked. Its connections know whether a byte may have left."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = wire.POOLS


_door = Door(is_https_proto=True)


def complaint(url: str) -> str:
    """What stands against calling an address, in words; empty when nothing does.

    https on its usual port, a host of WEBHOOK_HOSTS (`*.example.com`: any below it), no name or password in
    the address (reliability-security, SSRF).
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or not _HOST.fullmatch(host):
        return _("Begin with https:// and the name of a host.")
    if parts.username is not None or parts.password is not None or _port(url) not in (None, 443):
        return _("No port, name or password belongs into the address.")
    if not any(_covers(each, host) for each in settings.WEBHOOK_HOSTS):
        return _("%(host)s is not among WEBHOOK_HOSTS, the hosts that may be called from here.") % {
            "host": host
        }
    return ""


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return -1


def _covers(allowed: str, host: str) -> bool:
    allowed = allowed.strip().lower()
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def call(
    method: str, url: str, *, body: Any = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """Make one call, with a JSON body if there is one; the answer is {"status": 200, "body": text}.

    No session: no proxy or .netrc of the environment, no cookie, no redirect. Raises NotNow (not reached, 429,
    503), NotDone (not allowed, any answer but 2xx), Lost (no whole head of an answer).
    """
    if wrong := complaint(url):
        raise NotDone(wrong)
    wire.begin()
    try:
        asked = requests.Request(method, url, headers=headers, json=body).prepare()
        response = _door.send(asked, stream=True, timeout=TIMEOUT)
    except (requests.RequestException, ValueError) as error:
        raise _fault(error) from error
    with response:
        answer = {"status": response.status_code, "body": _body(response)}
    _judge(answer)
    return answer


def _body(response: requests.Response) -> str:
    """What of it comes in time. The status is there already, and decides."""
    ends, found = monotonic() + TIMEOUT[1], b""
    try:
        while len(found) < MOST and monotonic() < ends:
            piece = response.raw.read1(MOST, decode_content=True)
            if not piece:
                break
            found += piece
    except (HTTPError, OSError):
        pass
    return found[:MOST].decode("utf-8", "replace").replace("\0", "")


def _judge(answer: dict[str, Any]) -> None:
    status = answer["status"]
    if 200 <= status < 300:
        return
    said = _("It answered %(status)d") % {"status": status}
    if status in (429, 503):
        raise NotNow(said, answer)
    if 300 <= status < 400:
        elsewhere = _("It answered %(status)d: it is somewhere else now, where nobody follows")
        said = elsewhere % {"status": status}
    raise NotDone(said, answer)


def _fault(error: Exception) -> NotDone:
    if isinstance(error, InvalidIPAddress):
        return NotDone(_("Its address is inside a private network, which is not called from here"))
    if isinstance(error, ValueError):  # of requests: its address or a header makes no sense
        return NotDone(_("Its address or its header is not one"))
    if wire.bytes_may_have_left():
        return Lost(_("It gave no answer"))
    return NotNow(_("It could not be reached"))
