"""One HTTP call to a callback address, over a connection each thread keeps open.

Written on a bare socket: all that is wanted back is the status, redirects are
not followed, and there may be more than a thousand callbacks a second.
"""

import ssl
from socket import create_connection
from threading import local
from urllib.parse import SplitResult, urlsplit

LONGEST_LINE = 65536
_kept = local()


class BadAnswer(Exception):
    """What came back was not HTTP."""


class Line:
    """An open connection to one place."""

    def __init__(self, address: SplitResult, timeout_s: float) -> None:
        secure = address.scheme == "https"
        host, port = address.hostname or "", address.port or (443 if secure else 80)
        plain = create_connection((host, port), timeout=timeout_s)
        context = ssl.create_default_context() if secure else None
        self._socket = context.wrap_socket(plain, server_hostname=host) if context else plain
        self._answer = self._socket.makefile("rb")
        self.is_open = True

    def exchange(self, request: bytes) -> int:
        """The status of the answer; the connection stays open if the answer lets it."""
        try:
            self._socket.sendall(request)
            status = self._read_answer()
        except BaseException:
            self.close()
            raise
        return status

    def close(self) -> None:
        self.is_open = False
        self._answer.close()
        self._socket.close()

    def _read_answer(self) -> int:
        words = self._answer.readline(LONGEST_LINE).split(None, 2)
        if not words:
            raise ConnectionResetError("closed without an answer")
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise BadAnswer(words)
        self._read_body(self._read_headers())
        return int(words[1])

    def _read_headers(self) -> dict[bytes, bytes]:
        headers = {}
        while (line := self._answer.readline(LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.partition(b":")
            headers[name.strip().lower()] = value.strip().lower()
        return headers

    def _read_body(self, headers: dict[bytes, bytes]) -> None:
        """Read it away, or hang up if it does not say how long it is."""
        length = headers.get(b"content-length", b"")
        if length.isdigit() and headers.get(b"connection") != b"close":
            self._answer.read(int(length))
        else:
            self.close()


def post(
    url: str, *, method: str, content_type: str, body: bytes, timeout_s: float
) -> tuple[int | None, str | None]:
    """(status, None), or (None, what went wrong)."""
    address = urlsplit(url)
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: {address.netloc}\r\nUser-Agent: Vibes-Simulator\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        return _send(address, head.encode() + body, timeout_s), None
    except (OSError, BadAnswer) as problem:
        return None, f"{type(problem).__name__}: {problem}"


def _send(address: SplitResult, request: bytes, timeout_s: float) -> int:
    """Send, on a fresh connection if the kept one turns out to be closed."""
    lines: dict[tuple[str, str], Line] = _kept.__dict__.setdefault("lines", {})
    place = (address.scheme, address.netloc)
    kept = lines.pop(place, None)
    try:
        line = kept or Line(address, timeout_s)
        status = line.exchange(request)
    except ConnectionError:
        if kept is None:
            raise
        line = Line(address, timeout_s)
        status = line.exchange(request)
    if line.is_open:
        lines[place] = line
    return status
