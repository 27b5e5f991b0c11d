"""The product's end of a send, as cheap as can be: events at a steady rate, and their answers."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.queues import Queue

CONNECTIONS = 24
LOGIN = b64encode(b"demo:demo").decode()
MEMBERS = 100_000


@dataclass
class Sent:
    """What came of it: answers by status, how long each took, and the whole time. Seconds."""

    statuses: dict[int, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    seconds: float = 0

    def note(self, status: int, took: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.took.append(took)

    def percentile(self, share: float) -> float:
        return sorted(self.took)[min(len(self.took) - 1, int(len(self.took) * share))]


def load(port: int, rate: float, seconds: float, results: "Queue[Sent]") -> None:
    """Send ``rate`` events a second, however slow the answers are, as long as lines are free."""
    results.put(asyncio.run(_send_all(port, rate, int(rate * seconds))))


async def _send_all(port: int, rate: float, events: int) -> Sent:
    sent, began, turns = Sent(), time.perf_counter(), iter(range(events))
    lines = [_keep_sending(port, turns, began, rate, sent) for _ in range(CONNECTIONS)]
    await asyncio.gather(*lines)
    sent.seconds = time.perf_counter() - began
    return sent


async def _keep_sending(
    port: int, turns: Iterator[int], began: float, rate: float, sent: Sent
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for turn in turns:
        await asyncio.sleep(began + turn / rate - time.perf_counter())
        at = time.perf_counter()
        writer.write(_request(turn))
        sent.note(await _status(reader), time.perf_counter() - at)
    writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))
    return int(head.split(b" ", 2)[1])


def _request(turn: int) -> bytes:
    body = json.dumps(
        {
            "event_id": f"bench-{turn}",
            "event_type": "bench_1234",
            "event_data": {
                "mdn": f"+1312{2_000_000 + turn % MEMBERS}",
                "message_body": f"Acme: 20% off today, number {turn}. Reply STOP to opt out.",
            },
            "debug_data": {"send_id": str(turn)},
        }
    )
    return (
        "POST /companies/DEMO0001/events HTTP/1.1\r\nHost: simulator\r\n"
        f"Authorization: Basic {LOGIN}\r\nX-API-Version: 2\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
