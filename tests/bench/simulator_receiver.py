"""The product's end of a callback, as cheap as can be: count it and answer 200."""

import asyncio
from multiprocessing.queues import Queue
from multiprocessing.sharedctypes import Synchronized

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LENGTH = b"content-length:"


class _Line(asyncio.Protocol):
    """One connection; requests follow each other on it."""

    def __init__(self, counted: "Synchronized[int]") -> None:
        self._counted = counted
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._left += data
        while size := _whole_request(self._left):
            self._left = self._left[size:]
            self._counted.value += 1
            self._transport.write(ANSWER)


def _whole_request(data: bytes) -> int:
    """How many bytes the first request takes; 0 while some of it is missing."""
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return 0
    [length] = [line for line in data[:head].lower().split(b"\r\n") if line.startswith(LENGTH)]
    size = head + 4 + int(length.removeprefix(LENGTH))
    return size if size <= len(data) else 0


def receive(ports: "Queue[int]", counted: "Synchronized[int]") -> None:
    """Listen until terminated; put the port on the queue and count what comes."""
    asyncio.run(_serve(ports, counted))


async def _serve(ports: "Queue[int]", counted: "Synchronized[int]") -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Line(counted), "127.0.0.1", 0)
    ports.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()
