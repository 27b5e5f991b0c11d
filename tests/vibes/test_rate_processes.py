"""Four processes, one real server, which dies in the middle and comes back empty."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.vibes.shared_counter import Server

PROCESSES, BUDGET, SECONDS = 4, 80, 9.0
# Takes what it can get, and writes down between which two moments it got how many.
GREEDY = """
import json, sys, time
import django
django.setup()
from vibes.rate.link import Link, connect
from vibes.rate.pool import Pool

url, me, budget, sharers = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
pool = Pool("all", Link(connect(url), time.monotonic), clock=time.monotonic, me=lambda: me)
granted = []
print("ready", flush=True)
ends = time.monotonic() + float(sys.stdin.readline())
while (began := time.monotonic()) < ends:
    if got := pool.take(budget, 7, share=1, sharers=sharers):
        granted.append((began, time.monotonic(), got))
    time.sleep(0.002)
print(json.dumps(granted))
"""


def surely_in_one_second(granted: list[tuple[float, float, int]]) -> int:
    """The most calls that must have been granted within one second, however the moments fell."""
    most = 0
    for first, _, _ in granted:
        inside = [count for began, ended, count in granted if began >= first and ended < first + 1]
        most = max(most, sum(inside))
    return most


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.mark.slow
def test_four_processes_never_exceed_the_budget_together(server: Server) -> None:
    greedy = [_start(server.url, each) for each in range(PROCESSES)]
    assert [_pipe(each.stdout).readline() for each in greedy] == ["ready\n"] * PROCESSES
    for each in greedy:
        print(SECONDS, file=_pipe(each.stdin), flush=True)
    time.sleep(SECONDS / 3)
    server.kill()
    time.sleep(SECONDS / 3)
    server.start()
    granted = [tuple(one) for each in greedy for one in json.loads(each.communicate()[0])]

    assert 0 < surely_in_one_second(granted) <= BUDGET


def _start(url: str, name: int) -> "subprocess.Popen[str]":
    asked = [sys.executable, "-c", GREEDY, url, str(name), str(BUDGET), str(PROCESSES)]
    surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    pipe = subprocess.PIPE
    return subprocess.Popen(asked, stdin=pipe, stdout=pipe, text=True, env=surroundings)


def _pipe(end: IO[str] | None) -> IO[str]:
    assert end
    return end
