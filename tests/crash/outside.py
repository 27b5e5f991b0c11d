"""Whom effects reach, and what is done and found there: a server that keeps each call, and mails in a folder.

`python -m tests.crash.outside FOLDER` serves, and says at which port.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from . import deeds
from .deeds import PEOPLE, Place

NAMES = [f"Person {each}" for each in range(PEOPLE)]  # as deeds.populate calls them


# --- There ----------------------------------------------------------------------------------------


@dataclass
class There:
    """Where it is; set before any child is forked, which then knows it, too."""

    url: str = ""
    folder: Path = Path()


_there = There()


@contextmanager
def reachable() -> Iterator[None]:
    """Run the server; the children that are forked meanwhile reach it and the folder."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.crash.outside", folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout
        port = server.stdout.readline().strip()
        _there.url, _there.folder = f"http://127.0.0.1:{port}", Path(folder)
        try:
            yield
        finally:
            server.kill()
            server.wait()


class _Keeps(BaseHTTPRequestHandler):
    """Writes each call down before it is answered."""

    folder = Path()

    def do_POST(self) -> None:
        with (self.folder / "calls").open("a") as calls:
            calls.write(f"{unquote(self.path)}\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def called(place: Place) -> Counter[str]:
    """How often we were called about each person of a place."""
    kept = _there.folder / "calls"
    lines = kept.read_text().splitlines() if kept.exists() else []
    here = f"/{place.number}/"
    return Counter(each.removeprefix(here) for each in lines if each.startswith(here))


def mailed(place: Place) -> Counter[str]:
    """How often a mail came about each person of a place."""
    mails = [each.read_text() for each in _there.folder.glob("*.log")]
    lines = [line for mail in mails for line in mail.splitlines()]
    here = f"Subject: {place.number} "
    return Counter(each.removeprefix(here) for each in lines if each.startswith(here))


# --- Done -----------------------------------------------------------------------------------------


def _open_doors() -> None:
    """In this process, which is a child: call this machine, and mail into the folder."""
    from django.conf import settings

    from campaigns import outward

    outward._door = outward.Door(is_https_proto=False, allow_loopback=True)
    outward.complaint = lambda _: ""  # type: ignore[assignment]
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(_there.folder)


def launch_run(place: Place) -> int:
    """A run that owes a call and a mail about everybody."""
    from django.contrib.auth import get_user_model

    from campaigns.models import Webhook
    from tests.campaigns import make

    _open_doors()
    get_user_model().objects.filter(pk=make.user().pk).update(is_superuser=True)  # it says a name
    deeds.populate(place)
    url = f"{_there.url}/{place.number}/{{{{person.First Name}}}}"
    hook = Webhook.objects.create(name=f"Hook {place.number}", url=url)
    subject = f"{place.number} {{{{person.First Name}}}}"
    alert = {"to": "ana@example.com", "subject": subject, "text": "Look here."}
    campaign = make.campaign(
        f"Campaign {place.number}",
        filters=[make.in_city(place.town)],
        steps=[("call_webhook", {"webhook": str(hook.pk)}), ("send_alert", alert)],
    )
    return make.run(campaign).pk


def work(run_id: int, clock: Callable[[], datetime]) -> None:
    _open_doors()
    deeds.work(run_id, clock)


# --- Found ----------------------------------------------------------------------------------------


def judge(run_id: int, place: Place, most_unknown: int) -> list[str]:
    """What does not hold: by what came outside first, and then by our own tables."""
    from campaigns import results
    from campaigns.models import Effect, Run

    run = Run.objects.get(pk=run_id)
    unknown = Effect.objects.filter(run=run, state="unknown").count()
    holds = {
        f"it is {run.state}": run.state == "finished",
        f"{unknown} unknown": unknown <= most_unknown,
        f"{run.effects.count()} effects": run.effects.count() == 2 * PEOPLE,
        "tallies that do not agree": results.counts(run) == results.recount(run),
    }
    told = [words for words, is_so in holds.items() if not is_so]
    told += _differs(run, "call_webhook", called(place))
    told += _differs(run, "send_alert", mailed(place))
    return told


def _differs(run: Any, kind: str, came: Counter[str]) -> Iterator[str]:
    from campaigns.models import Verdict

    effects = dict(run.effects.filter(kind=kind).values_list("entry__person__first_name", "state"))
    step_id = run.effects.filter(kind=kind).values_list("step_id", flat=True).first()
    verdicts = Verdict.objects.filter(run=run, step_id=step_id)
    if twice := [name for name, count in came.items() if count > 1]:
        yield f"{kind} twice: {twice}"
    for name in NAMES:
        allowed = {"done", "unknown"} if came[name] else {"unknown"}
        if effects.get(name) not in allowed:
            yield f"{kind} came {came[name]} times and is called {effects.get(name)}: {name}"
    if dict(verdicts.values_list("person__first_name", "state")) != effects:
        yield f"the verdicts of {kind} say otherwise"


def main() -> None:
    _Keeps.folder = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Keeps)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
