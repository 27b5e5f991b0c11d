"""A small HTTP server that remembers the callbacks it was sent."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

Body = dict[str, Any]
LONGEST_WAIT_S = 10


class Receiver(ThreadingHTTPServer):
    """Answers 200, or the statuses it was told to answer first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.raw: list[bytes] = []
        self.heads: list[tuple[str, str]] = []
        self.bodies: list[Body] = []
        self.statuses: list[int] = []
        self.pause_s = 0.0

    @classmethod
    @contextmanager
    def listening(cls) -> Iterator[Self]:
        with cls() as server:
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            yield server
            server.shutdown()
            thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def clear(self) -> None:
        self.raw.clear()
        self.heads.clear()
        self.bodies.clear()
        self.statuses.clear()
        self.pause_s = 0

    def got(self, callback_type: str) -> list[Body]:
        """Callbacks of a type so far, oldest first by their own date."""
        return [body for body in self.bodies if body["callback_type"] == callback_type]

    def wait(self, callback_type: str, *, count: int = 1) -> list[Body]:
        """Callbacks of a type, once there are so many."""
        until = time.monotonic() + LONGEST_WAIT_S
        while len(self.got(callback_type)) < count:
            assert time.monotonic() < until, f"got only {self.got(callback_type)}"
            time.sleep(0.01)
        return self.got(callback_type)

    def reasons(self) -> set[str]:
        """The status reasons of every ``event_processed`` so far."""
        return {
            body["event_processed"]["action"]["status_reason"]
            for body in self.got("event_processed")
        }


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.server.raw.append(raw)
        self.server.heads.append((self.command, self.headers["Content-Type"]))
        with suppress(ValueError):
            self.server.bodies.append(json.loads(raw))
        time.sleep(self.server.pause_s)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        return
