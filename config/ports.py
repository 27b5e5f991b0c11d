"""Which ports of this machine are free."""

import socket


def free_port(first: int = 0) -> int:
    """`first` or the next port of the loopback that nobody uses; 0 lets the system choose."""
    for port in range(first, first + 100) if first else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port from {first} on")
