"""Four processes, one real server, which dies in the middle and comes back empty."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

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

url, me, budget, sharers, ends = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:])
pool = Pool("all", Link(connect(url), time.monotonic), clock=time.monotonic, me=lambda: me)
granted = []
while (began := time.monotonic()) < ends:
    if got := pool.take(int(budget), 7, share=1, sharers=int(sharers)):
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


@pytest.mark.slow
def test_four_processes_never_exceed_the_budget_together(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.start()
    ends = time.monotonic() + SECONDS
    asked = [str(each) for each in (BUDGET, PROCESSES, ends)]
    greedy = [
        subprocess.Popen(
            [sys.executable, "-c", GREEDY, server.url, str(each), *asked],
            stdout=subprocess.PIPE,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"},
        )
        for each in range(PROCESSES)
    ]
    time.sleep(SECONDS / 3)
    server.kill()
    time.sleep(SECONDS / 3)
    server.start()
    granted = [one for each in greedy for one in json.loads(each.communicate()[0])]
    server.kill()

    assert all(each.returncode == 0 for each in greedy)
    assert 0 < surely_in_one_second(granted) <= BUDGET
