"""A redirect is an answer like any other: it is not followed, nor prepared to be."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.vibes import make
from tests.vibes.test_client import send
from vibes.client import Client, Unknown
from vibes.client import transport as wire_transport

DROPS, DROP_SECONDS = 100, 0.05


@pytest.fixture(params=[b"http://127.0.0.1:9/", b"http://127.0.0.1:9/\xff"], ids=["sane", "odd"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that sends one call elsewhere, its body a byte at a time."""
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 100\r\nLocation: " + request.param + b"\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_drip, args=[server, head])
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def _drip(server: socket.socket, head: bytes) -> None:
    called, _ = server.accept()
    with called:
        called.recv(65536)
        called.sendall(head)
        for _ in range(DROPS):
            time.sleep(DROP_SECONDS)
            try:
                called.sendall(b".")
            except OSError:  # they have hung up, as they should
                return


def test_a_redirect_that_drips_is_read_no_longer_than_any_answer(
    db: None, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_transport, "TIMEOUT", (5.0, 0.5))
    began = time.monotonic()

    with Client(make.account(base_url=elsewhere)) as client, pytest.raises(Unknown) as failed:
        send(client)

    assert failed.value.leads_elsewhere
    assert time.monotonic() - began < DROPS * DROP_SECONDS / 2
