import socket

import pytest

from tests.network import OutsideReached


@pytest.mark.parametrize("host", ["203.0.113.7", "example.com", "2001:db8::1"])
def test_refuses_to_reach_the_outside(host: str) -> None:
    with pytest.raises(OutsideReached):
        socket.create_connection((host, 80), timeout=1)


def test_reaches_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
