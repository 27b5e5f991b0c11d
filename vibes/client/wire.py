"""Connections that can say whether a byte may have left us: the line between Retryable and Unknown.

`requests` reports a refused connection and a reset after the body as the same error. Here each
connection notes the moment it first hands bytes to the socket; an error before that moment means
that Vibes cannot have seen the call, whatever the error is called.
"""

import math
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

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


class Watched(HTTPConnection):
    """Notes the first write, and counts as dropped once it has been idle for long."""

    used_at = 0.0

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self.used_at < IDLE_SECONDS

    def connect(self) -> None:
        super().connect()
        self.used_at = time.monotonic()

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        has_begun = bytes_may_have_left()
        if not has_begun and time.monotonic() > getattr(_call, "not_after", math.inf):
            raise TimeoutError("It took too long to connect.")
        _call.bytes_left = True
        self.used_at = time.monotonic()
        super().send(data)


class WatchedHTTPS(Watched, HTTPSConnection):
    """The same over TLS: a failed handshake comes before the first write."""


class WatchedPool(HTTPConnectionPool):
    ConnectionCls = Watched


class WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = WatchedHTTPS


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
        pools = {"http": WatchedPool, "https": WatchedHTTPSPool}
        self.poolmanager.pool_classes_by_scheme = pools
