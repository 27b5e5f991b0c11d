"""Reading the simulator's stream as a browser would, event by event."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.simulator.conftest import LONGEST_WAIT_S, TOKEN, Simulator

WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Told:
    """One event: its id, its kind, and what it says."""

    id: str
    kind: str
    data: dict[str, Any]


class Reader:
    """An open stream."""

    def __init__(self, answer: requests.Response) -> None:
        self.answer = answer
        self._blocks = self._read_blocks()
        self.begin = dict(self._next())

    def next(self) -> Told:
        """The next event; heartbeats are passed over."""
        while "event" not in (block := dict(self._next())):
            pass
        return Told(block["id"], block["event"], json.loads(block["data"]))

    def take(self, count: int) -> list[Told]:
        return [self.next() for _ in range(count)]

    def until(self, kind: str) -> Told:
        """The next event of a kind, whatever comes before it."""
        while (told := self.next()).kind != kind:
            pass
        return told

    def _next(self) -> list[tuple[str, str]]:
        return next(self._blocks)

    def _read_blocks(self) -> Iterator[list[tuple[str, str]]]:
        block: list[tuple[str, str]] = []
        for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
            if line:
                name, _, value = line.partition(": ")
                block.append((name, value))
            else:
                yield block
                block = []


def ask(simulator: Simulator, *, params: Any = None, **headers: str) -> requests.Response:
    """The answer of the stream's address, its body not read yet."""
    given = headers or WITH_TOKEN
    address = f"{simulator.home}/_sim/stream"
    return requests.get(address, params=params, headers=given, stream=True, timeout=LONGEST_WAIT_S)


def ask_patiently(simulator: Simulator, **asked: Any) -> requests.Response:
    """As `ask`, once there is a place: whoever left is noticed soon, but not at once."""
    until = time.monotonic() + LONGEST_WAIT_S
    while (answer := ask(simulator, **asked)).status_code == 503:
        answer.close()
        assert time.monotonic() < until, "nobody's place came free"
        time.sleep(0.05)
    return answer


@contextmanager
def following(simulator: Simulator, *, after: str = "", **params: str) -> Iterator[Reader]:
    """Follow the stream while the block runs, from now or after an event."""
    resumed = {"Last-Event-ID": after} if after else {}
    with ask_patiently(simulator, params=params, **WITH_TOKEN, **resumed) as answer:
        assert answer.status_code == 200, answer.text
        # Held here: a reader that is collected closes its connection.
        reader = Reader(answer)
        yield reader
