"""A connection that was kept, and may be closing at the other end just as we write to it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.vibes import make
from vibes.client import Client, wire


class Door(ThreadingHTTPServer):
    """Counts the connections that are made to it."""

    opened = 0

    def get_request(self) -> Any:
        self.opened += 1
        return super().get_request()


class NoLists(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: Any) -> None:
        """Quietly."""


@pytest.fixture
def door() -> Iterator[Door]:
    with Door(("127.0.0.1", 0), NoLists) as made:
        threading.Thread(target=made.serve_forever).start()
        yield made
        made.shutdown()


@pytest.mark.parametrize(("idle_seconds", "opened"), [(60, 1), (0, 2)])
def test_is_not_used_again_once_it_was_idle_for_long(
    db: None, door: Door, monkeypatch: pytest.MonkeyPatch, idle_seconds: float, opened: int
) -> None:
    monkeypatch.setattr(wire, "IDLE_SECONDS", idle_seconds)

    with Client(make.account(base_url=f"http://127.0.0.1:{door.server_port}")) as client:
        client.lists()
        client.lists()

    assert door.opened == opened
