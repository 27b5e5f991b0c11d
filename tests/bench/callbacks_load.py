"""The load of the callbacks bench, as a process of its own: `python -m tests.bench.callbacks_load PLAN`.

PLAN is a JSON file: host, port, connections, seconds, rate (calls a second whatever the answers take;
0: each connection calls again as soon as it has its answer), and calls as [path, body in Latin-1].
Prints [seconds waited, status] of each call, from the moment it was due.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

BROKEN = 599  # no answer at all


@dataclass
class Line:
    """One kept-alive connection."""

    host: str
    port: int
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, request: bytes) -> int:
        """The status; a connection the server closed while it was idle is opened anew once."""
        for _ in range(2):
            try:
                return await self._call(request)
            except (OSError, asyncio.IncompleteReadError):
                self.streams = None
        return BROKEN

    async def _call(self, request: bytes) -> int:
        self.streams = self.streams or await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        low = head.lower()
        if b"content-length: 0" not in low:
            size = int(low.split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(size)
        if b"connection: close" in low:
            writer.close()
            self.streams = None
        return int(head.split(b" ", 2)[1])


def request(host: str, path: str, body: str) -> bytes:
    raw = body.encode("latin-1")
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw


async def run(plan: dict[str, Any]) -> list[tuple[float, int]]:
    calls = [request(plan["host"], path, body) for path, body in plan["calls"]]
    lines = [Line(plan["host"], plan["port"]) for _ in range(plan["connections"])]
    await asyncio.gather(*(line.call(calls[0]) for line in lines))  # opened before it counts
    answers: list[tuple[float, int]] = []
    if plan["rate"]:
        await _at_a_rate(calls[1:], lines, plan["rate"], answers)
    else:
        await _as_fast_as_it_goes(calls[1:], lines, plan["seconds"], answers)
    return answers


async def _at_a_rate(
    calls: list[bytes], lines: list[Line], rate: float, answers: list[tuple[float, int]]
) -> None:
    free: asyncio.Queue[Line] = asyncio.Queue()
    for line in lines:
        free.put_nowait(line)

    async def one(call: bytes, due: float) -> None:
        line = await free.get()
        status = await line.call(call)
        answers.append((monotonic() - due, status))
        free.put_nowait(line)

    began, running = monotonic(), []
    for place, call in enumerate(calls):
        due = began + place / rate
        await asyncio.sleep(max(0, due - monotonic()))
        running.append(asyncio.create_task(one(call, due)))
    await asyncio.gather(*running)


async def _as_fast_as_it_goes(
    calls: list[bytes], lines: list[Line], seconds: float, answers: list[tuple[float, int]]
) -> None:
    left, ends = iter(calls), monotonic() + seconds

    async def again(line: Line) -> None:
        while (due := monotonic()) < ends and (call := next(left, None)):
            status = await line.call(call)
            answers.append((monotonic() - due, status))

    await asyncio.gather(*map(again, lines))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(Path(sys.argv[1]).read_text())))))
