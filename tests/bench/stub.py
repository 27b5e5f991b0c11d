"""A provider that does nothing but count: `python -m tests.bench.stub PORT --delay-ms 50 --limit 300`.

It answers every POST with 202 after a fixed delay, as Vibes would, and 429 above `limit` a second. What
it counted is at GET /counts; GET /forget starts anew. One thread of plain asyncio: some 40 µs a text.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections import deque
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
EVENT_ID = re.compile(rb'"event_id":\s*"([^"]+)"')
TAKEN = b'{"event_id": "%s"}'
TOO_FAST = b'{"errors": [{"message": "Slow down", "code": 1}]}'


@dataclass
class Counts:
    """What came. `most_in_a_second` is the highest number taken within any second."""

    taken: int = 0
    again: int = 0
    too_fast: int = 0
    most_in_flight: int = 0
    most_in_a_second: int = 0
    connections: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    seen: set[bytes] = field(default_factory=set)
    window: deque[float] = field(default_factory=deque)

    def told(self) -> dict[str, float]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int | float)}


class Stub:
    """The counts, the delay (seconds) and the limit (texts a second; 0: none)."""

    def __init__(self, delay: float, limit: int) -> None:
        self.delay, self.limit = delay, limit
        self.counts, self.in_flight = Counts(), 0

    def take(self, body: bytes) -> bytes:
        """Count one event and say what the answer will be."""
        now, counts = time.monotonic(), self.counts
        while counts.window and counts.window[0] <= now - 1:
            counts.window.popleft()
        if self.limit and len(counts.window) >= self.limit:
            counts.too_fast += 1
            return _answer(b"429 Too Many Requests", TOO_FAST)
        counts.window.append(now)
        counts.most_in_a_second = max(counts.most_in_a_second, len(counts.window))
        found = EVENT_ID.search(body)
        name = found.group(1) if found else b""
        counts.again += name in counts.seen
        counts.seen.add(name)
        counts.taken += 1
        counts.first_at, counts.last_at = counts.first_at or now, now
        return _answer(b"202 Accepted", TAKEN % name)


class Connection(asyncio.Protocol):
    """One kept connection: a request at a time, as `requests` uses it."""

    def __init__(self, stub: Stub) -> None:
        self.stub, self.heard = stub, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.stub.counts.connections += 1

    def data_received(self, data: bytes) -> None:
        self.heard += data
        end = self.heard.find(HEAD_END)
        if end < 0:
            return
        head = bytes(self.heard[:end])
        length = LENGTH.search(head)
        whole = end + len(HEAD_END) + (int(length.group(1)) if length else 0)
        if len(self.heard) >= whole:
            body = bytes(self.heard[end + len(HEAD_END) : whole])
            del self.heard[:whole]
            self._heed(head, body)

    def _heed(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /forget"):
            self.stub.counts = Counts()
        if head.startswith(b"GET"):
            told = json.dumps(self.stub.counts.told()).encode()
            self.transport.write(_answer(b"200 OK", told))
            return
        self.stub.in_flight += 1
        counts = self.stub.counts
        counts.most_in_flight = max(counts.most_in_flight, self.stub.in_flight)
        answer = self.stub.take(body)
        asyncio.get_running_loop().call_later(self.stub.delay, self._send, answer)

    def _send(self, answer: bytes) -> None:
        self.stub.in_flight -= 1
        self.transport.write(answer)


def _answer(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


async def _serve(port: int, stub: Stub) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(stub), "127.0.0.1", port, backlog=1024)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--delay-ms", type=float, default=50)
    parser.add_argument("--limit", type=int, default=0, help="texts a second; 0: as many as come")
    options = parser.parse_args()
    asyncio.run(_serve(options.port, Stub(options.delay_ms / 1000, options.limit)))


if __name__ == "__main__":
    main()
