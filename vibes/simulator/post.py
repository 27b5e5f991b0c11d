"""One HTTP call to a callback address, over a connection each thread keeps open.

Written on a bare socket: all that is wanted back is the status, redirects are
not followed, and there may be more than a thousand callbacks a second.
"""

import ssl
from socket import create_connection
from threading import local
from time import monotonic
from urllib.parse import SplitResult, urlsplit

LONGEST_HEAD = 65536
AT_ONCE = 65536
_kept = local()


class BadAnswer(Exception):
    """What came back was not HTTP."""


class Line:
    """An open connection to one place."""

    def __init__(self, address: SplitResult, until: float) -> None:
        secure = address.scheme == "https"
        host, port = address.hostname or "", address.port or (443 if secure else 80)
        plain = create_connection((host, port), timeout=_left(until))
        context = ssl.create_default_context() if secure else None
        self._socket = context.wrap_socket(plain, server_hostname=host) if context else plain
        self.is_open = True

    def exchange(self, request: bytes, until: float) -> int:
        """The status of the answer; the connection stays open if the answer lets it."""
        try:
            self._socket.settimeout(_left(until))
            self._socket.sendall(request)
            status = self._read_answer(until)
        except BaseException:
            self.close()
            raise
        return status

    def close(self) -> None:
        self.is_open = False
        self._socket.close()

    def _read_answer(self, until: float) -> int:
        head, body = self._read_head(until)
        first, *lines = head.split(b"\r\n")
        words = first.split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise BadAnswer(first)
        self._read_body(_headers(lines), len(body), until)
        return int(words[1])

    def _read_head(self, until: float) -> tuple[bytes, bytes]:
        """The head, and what came of the body with it."""
        read = b""
        while b"\r\n\r\n" not in read:
            if len(read) > LONGEST_HEAD:
                raise BadAnswer("no end of the head")
            read += self._read(until)
        head, _, body = read.partition(b"\r\n\r\n")
        return head, body

    def _read_body(self, headers: dict[bytes, bytes], read: int, until: float) -> None:
        """Read it away, or hang up if it does not say how long it is."""
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or headers.get(b"connection") == b"close":
            return self.close()
        while read < int(length):
            read += len(self._read(until))
        return None

    def _read(self, until: float) -> bytes:
        self._socket.settimeout(_left(until))
        data = self._socket.recv(AT_ONCE)
        if not data:
            raise ConnectionResetError("closed without an answer")
        return data


def _left(until: float) -> float:
    """Seconds left. Raises ``TimeoutError`` when there are none."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _headers(lines: list[bytes]) -> dict[bytes, bytes]:
    pairs = (line.partition(b":") for line in lines)
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


def post(
    url: str, *, method: str, content_type: str, body: bytes, timeout_s: float
) -> tuple[int | None, str | None]:
    """(status, None), or (None, what went wrong). All of it may take ``timeout_s``, no more."""
    address = urlsplit(url)
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: {address.netloc}\r\nUser-Agent: Vibes-Simulator\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        return _send(address, head.encode() + body, monotonic() + timeout_s), None
    except (OSError, BadAnswer) as problem:
        return None, f"{type(problem).__name__}: {problem}"


def _send(address: SplitResult, request: bytes, until: float) -> int:
    """Send, on a fresh connection if the kept one turns out to be closed."""
    lines: dict[tuple[str, str], Line] = _kept.__dict__.setdefault("lines", {})
    place = (address.scheme, address.netloc)
    kept = lines.pop(place, None)
    try:
        line = kept or Line(address, until)
        status = line.exchange(request, until)
    except ConnectionError:
        if kept is None:
            raise
        line = Line(address, until)
        status = line.exchange(request, until)
    if line.is_open:
        lines[place] = line
    return status
