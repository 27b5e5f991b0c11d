"""One HTTP call to a callback address, over a connection each thread keeps open.

The standard library's client, since it follows no redirects and costs a
fraction of a richer one at more than a thousand callbacks a second.
"""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import local
from urllib.parse import urlsplit

_kept = local()


def post(
    url: str, *, method: str, content_type: str, body: bytes, timeout_s: float
) -> tuple[int | None, str | None]:
    """(status, None), or (None, what went wrong)."""
    headers = {"Content-Type": content_type, "User-Agent": "Vibes-Simulator"}
    try:
        return _send(url, method, headers, body, timeout_s), None
    except (OSError, HTTPException) as problem:
        return None, f"{type(problem).__name__}: {problem}"


def _send(url: str, method: str, headers: dict[str, str], body: bytes, timeout_s: float) -> int:
    """Send, on a fresh connection if the kept one turns out to be closed."""
    address = urlsplit(url)
    target = address.path + (f"?{address.query}" if address.query else "") or "/"
    place = (address.scheme, address.netloc)
    kept: dict[tuple[str, str], HTTPConnection] = _kept.__dict__.setdefault("places", {})
    reused = kept.pop(place, None)
    try:
        connection = reused or _connect(*place, timeout_s)
        status = _exchange(connection, method, target, headers, body)
    except (ConnectionError, HTTPException):
        if reused is None:
            raise
        connection = _connect(*place, timeout_s)
        status = _exchange(connection, method, target, headers, body)
    kept[place] = connection
    return status


def _exchange(
    connection: HTTPConnection, method: str, target: str, headers: dict[str, str], body: bytes
) -> int:
    try:
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
    except BaseException:
        connection.close()
        raise
    return answer.status


def _connect(scheme: str, netloc: str, timeout_s: float) -> HTTPConnection:
    kind = HTTPSConnection if scheme == "https" else HTTPConnection
    return kind(netloc, timeout=timeout_s)
