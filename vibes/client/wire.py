"""Connections that can say whether a byte may have left us: the line between Retryable and Unknown.

`requests` reports a refused connection and a reset after the body as the same error. Here each
connection notes the moment it first hands bytes to the socket; an error before that moment means
that Vibes cannot have seen the call, whatever the error is called.

The socket's own limit starts anew at each byte; here the head of an answer comes in time as a whole.
"""

import http.client
import io
import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from people.crashpoint import crashpoint

# A kept connection older than this may be closing at the other end just as we write to it.
IDLE_SECONDS = 5.0
_call = threading.local()


def begin() -> None:
    """A new call starts in this thread: nothing has left."""
    _call.bytes_left = False


@contextmanager
def not_after(moment: float) -> Iterator[None]:
    """Calls of this thread write nothing after this moment of `time.monotonic`, however slow it was to
    connect. Such a call ends as one that could not connect."""
    _call.not_after = moment
    try:
        yield
    finally:
        del _call.not_after


def bytes_may_have_left() -> bool:
    """Whether the call of this thread has begun to write."""
    return bool(getattr(_call, "bytes_left", True))


class InTime(io.RawIOBase):
    """What comes from a socket; each read may last until the same moment, while there is one."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock
        self.ends = math.inf

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.ends < math.inf:
            left = self.ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("The head of the answer took too long.")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class Head(http.client.HTTPResponse):
    """An answer whose status and headers come, all of them, within the read timeout of the first write.

    The body has a limit of its own (`reply.read`).
    """

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._sock = sock
        self._raw = InTime(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._raw)

    def begin(self) -> None:
        crashpoint("request-written")
        seconds = self._sock.gettimeout()
        if self.headers is None and seconds is not None:
            self._raw.ends = getattr(_call, "began_at", time.monotonic()) + seconds
        super().begin()
        self._raw.ends = math.inf
        self._sock.settimeout(seconds)


class Watched(HTTPConnection):
    """Notes the first write, and counts as dropped once it has been idle for long."""

    response_class = Head
    used_at = 0.0

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self.used_at < IDLE_SECONDS

    def connect(self) -> None:
        super().connect()
        crashpoint("connected")
        self.used_at = time.monotonic()

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        has_begun = bytes_may_have_left()
        if not has_begun and time.monotonic() > getattr(_call, "not_after", math.inf):
            raise TimeoutError("It took too long to connect.")
        self.used_at = time.monotonic()
        if not has_begun:
            _call.bytes_left, _call.began_at = True, self.used_at
        super().send(data)
        if not has_begun:
            crashpoint("first-byte")


class WatchedHTTPS(Watched, HTTPSConnection):
    """The same over TLS: a failed handshake comes before the first write."""


class WatchedPool(HTTPConnectionPool):
    ConnectionCls = Watched


class WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = WatchedHTTPS


POOLS = {"http": WatchedPool, "https": WatchedHTTPSPool}


class WatchedAdapter(HTTPAdapter):
    """Pools of watched connections, without any retry. A pool that is full waits for a free one.

    `context`: the TLS context that shows our certificate; None for the usual one.
    """

    def __init__(self, *, slots: int, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        super().__init__(pool_connections=2, pool_maxsize=slots, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._context:
            kwargs["ssl_context"] = self._context
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS
