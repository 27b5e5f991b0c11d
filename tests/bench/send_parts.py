"""The parts of the send bench: a provider, and the three ways of sending to it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import requests

from config.ports import free_port
from config.processes import ROOT
from config.readiness import answers, wait_for
from tests.bench.send import PROCESSES

Figures = dict[str, float]
_prefixes = count(200)


class Provider:
    """The stub, and what it counted."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def counts(self) -> dict[str, float]:
        return dict(requests.get(f"{self.url}/counts", timeout=10).json())

    def forget(self) -> None:
        requests.get(f"{self.url}/forget", timeout=10)

    def rate(self) -> float:
        """Texts a second, from the first to the last that came."""
        told = self.counts()
        return round(told["taken"] / max(0.001, told["last_at"] - told["first_at"]), 1)


@contextmanager
def stub(delay_ms: float, limit: int = 0) -> Iterator[Provider]:
    port = free_port()
    command = ["tests.bench.stub", str(port), "--delay-ms", str(delay_ms), "--limit", str(limit)]
    running = _start(command, {})
    try:
        provider = Provider(port)
        assert wait_for(lambda: answers(f"{provider.url}/counts"), seconds=20)
        yield provider
    finally:
        running.kill()
        running.wait()


def _start(module: Sequence[str], environment: dict[str, str], **how: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", *module]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, text=True, **how)


def _run(
    module: Sequence[str], processes: int, environment: dict[str, str]
) -> list[dict[str, Any]]:
    """Start so many processes together, wait for all; what each printed on its last line."""
    running = [_start(module, environment, stdout=subprocess.PIPE) for _ in range(processes)]
    said = [each.communicate()[0] for each in running]
    assert not any(each.returncode for each in running), said
    return [json.loads(each.splitlines()[-1]) for each in said]


# --- Bare -----------------------------------------------------------------------------------------


def bare(provider: Provider, options: argparse.Namespace) -> Figures:
    provider.forget()
    each, slots = options.texts // PROCESSES, str(options.slots)
    said = _run(["tests.bench.send_bare", provider.url, str(each), slots], PROCESSES, {})
    return _figures("bare", provider, said)


def _figures(name: str, provider: Provider, said: list[dict[str, Any]]) -> Figures:
    told = provider.counts()
    return {
        f"{name}_a_second": provider.rate(),
        f"{name}_cpu_ms": round(1000 * sum(one["cpu"] for one in said) / told["taken"], 3),
        f"{name}_memory_mb": round(sum(one["memory_mb"] for one in said)),
    }


# --- Ours -----------------------------------------------------------------------------------------


def ours(provider: Provider, options: argparse.Namespace) -> Figures:
    run = _owed(provider, options.texts, a_second=1_000_000)
    provider.forget()
    said = _run(["tests.bench.send_engine", str(run)], PROCESSES, _database())
    told = provider.counts()
    assert told["taken"] == options.texts, told
    return _figures("ours", provider, said) | {
        "ours_most_in_flight": told["most_in_flight"],
        "ours_sent_again": told["again"],
    }


def limited(options: argparse.Namespace, *, limit: int) -> Figures:
    """At a set rate a little below what the provider enforces, whoever shares it."""
    rate = options.rate
    figures: Figures = {}
    for processes in map(int, options.sharers.split(",")):
        with stub(options.delay_ms, limit) as provider:
            run = _owed(provider, rate * options.seconds, a_second=rate)
            provider.forget()
            _run(["tests.bench.send_engine", str(run)], processes, _database())
            told = provider.counts()
        name = f"limit_by_{processes}"
        seconds = told["last_at"] - told["first_at"]
        figures |= {
            f"{name}_share_of_rate": round((told["taken"] - 1) / seconds / rate, 4),
            f"{name}_too_fast": round(told["too_fast"] / told["taken"], 6),
            f"{name}_most_in_a_second": told["most_in_a_second"],
            f"{name}_sent_again": told["again"],
        }
    return figures


def _owed(provider: Provider, texts: int, *, a_second: int) -> int:
    """A run that owes so many texts."""
    from tests.bench import advance_world
    from vibes.models import Account, OutboxRow

    OutboxRow.objects.filter(state=OutboxRow.State.READY).update(state=OutboxRow.State.CANCELLED)
    run = advance_world.world(-(-texts * 10 // 9), prefix=next(_prefixes))
    advance_world.run_through(run)
    Account.objects.update(
        base_url=provider.url, events_per_second=a_second, resting_until=None, held_until=None
    )
    extra = OutboxRow.objects.filter(run_id=run.pk).order_by("pk")[texts:].values("pk")
    OutboxRow.objects.filter(pk__in=list(extra)).update(state=OutboxRow.State.CANCELLED)
    return run.pk


def _database() -> dict[str, str]:
    from django.db import connection

    name, url = connection.settings_dict["NAME"], os.environ["DATABASE_URL"]
    if connection.vendor == "sqlite":
        return {"DATABASE_URL": f"sqlite:///{name}"}
    return {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"}


# --- The usual way --------------------------------------------------------------------------------


def usual(provider: Provider, options: argparse.Namespace) -> Figures:
    """What most would write. Fewer texts, since it takes long; the rate is from first to last."""
    figures: Figures = {}
    for name, width, texts in (("usual", [], 400), ("usual_16", ["--concurrency", "16"], 3_000)):
        run = _owed(provider, texts, a_second=1_000_000)
        provider.forget()
        surroundings = _database() | {"USUAL_URL": provider.url, "USUAL_BROKER": options.redis}
        _run(["tests.bench.send_usual", str(run)], 1, surroundings)
        command = ["celery", "-q", "-A", "tests.bench.send_usual", "worker", "-Q", "usual", *width]
        worker = _start(command, surroundings, stdout=subprocess.DEVNULL)
        began = os.times()
        try:
            _wait_until_taken(provider, texts)
            memory = _memory_of_family(worker.pid)
        finally:
            worker.terminate()
            worker.wait(30)
        ended = os.times()
        spent = ended.children_user + ended.children_system
        spent -= began.children_user + began.children_system
        figures |= {
            f"{name}_a_second": provider.rate(),
            f"{name}_cpu_ms": round(1000 * spent / texts, 2),
            f"{name}_memory_mb": memory,
        }
        time.sleep(1)
    return figures


def _wait_until_taken(provider: Provider, texts: int) -> None:
    assert wait_for(lambda: provider.counts()["taken"] >= texts, seconds=300)


def _memory_of_family(pid: int) -> int:
    """Resident megabytes of a process and its children."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "--pid", str(pid), "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return round(sum(map(int, listed.stdout.split())) / 1024)
