"""An answer whose head comes drop by drop, each drop well within the socket's own limit."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.vibes import make
from tests.vibes.test_client import send
from vibes.client import Client, Unknown
from vibes.client import transport as wire_transport

HEAD = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nX-Long: " + b"x" * 30 + b"\r\n\r\n"
DROP_SECONDS = 0.05


@pytest.fixture
def dripping() -> Iterator[str]:
    """The address of a server that accepts one call, its answer a byte at a time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_drip, args=[server])
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def _drip(server: socket.socket) -> None:
    called, _ = server.accept()
    with called:
        called.recv(65536)
        for byte in HEAD:
            time.sleep(DROP_SECONDS)
            try:
                called.sendall(bytes([byte]))
            except OSError:  # they have hung up, as they should
                return


def test_a_head_that_drips_ends_as_unknown(
    db: None, dripping: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_transport, "TIMEOUT", (5.0, 0.5))

    with Client(make.account(base_url=dripping)) as client, pytest.raises(Unknown):
        send(client)


def test_a_head_that_drips_in_time_is_an_answer(db: None, dripping: str) -> None:
    with Client(make.account(base_url=dripping)) as client:
        send(client)
