"""`python3 manage.py demo`: the whole product in one terminal, shaped as in production."""

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand

from config import broker
from config.lock import AlreadyRunning, alone_in
from config.ports import free_port
from config.processes import Site
from config.readiness import answers, wait_for
from config.supervisor import Supervisor
from config.terminal import printer

PATIENCE = 120  # seconds within which pages must answer


class Command(BaseCommand):
    help = "Run the whole product here, with sample data and a stand-in for Vibes, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--exit-when-ready", action="store_true", help="stop again as soon as pages answer"
        )

    def handle(self, *, exit_when_ready: bool = False, **_: Any) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGINT, _interrupt)
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        try:
            with alone_in(settings.VAR_DIR):
                self._run(exit_when_ready=exit_when_ready)
        except AlreadyRunning as other:
            raise CommandError(f"The demo runs already: {other}. Stop that one first.") from other

    def _run(self, *, exit_when_ready: bool) -> None:
        supervisor = Supervisor(say=printer(colour=sys.stdout.isatty()))
        try:
            self._start(supervisor)
            while not exit_when_ready:
                supervisor.look_after()
                time.sleep(0.2)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping … (Ctrl-C again stops at once)")
        finally:
            _stop(supervisor)

    def _start(self, supervisor: Supervisor) -> None:
        """Bring everything up, in the order in which each needs the ones before."""
        began = time.monotonic()
        chosen = broker.choose(settings.VAR_DIR, surroundings=os.environ)
        if chosen.warning:
            self.stderr.write(self.style.WARNING(chosen.warning))
        site = self._site(chosen.url)
        if chosen.program:
            supervisor.start(chosen.program)
        supervisor.start(site.simulator())
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0)
        self._ask(site, "seed_demo")
        supervisor.start(site.web())
        self._wait(site, supervisor)
        # Before anybody works: a sweep would believe a simulator that has not been told of our people.
        self._ask(site, "sync_simulator")
        for program in (site.worker(), site.listener(), site.beat()):
            supervisor.start(program)
        self._announce(site, seconds=time.monotonic() - began)

    def _site(self, broker_url: str) -> Site:
        return Site(
            var=settings.VAR_DIR.resolve(),
            host=os.environ.get("DEMO_HOST", "127.0.0.1"),
            port=self._port("PORT", otherwise=8000),
            sim_port=self._port("SIM_PORT", otherwise=8099),
            broker_url=broker_url,
            settings=os.environ["DJANGO_SETTINGS_MODULE"],
        )

    def _port(self, name: str, *, otherwise: int) -> int:
        """The port that variable `name` says, else the first free one from `otherwise` on."""
        named = int(os.environ.get(name) or 0)
        port = free_port(named or otherwise)
        if named and port != named:
            raise CommandError(f"{name}={named} is taken by another program.")
        if port != (named or otherwise):
            self.stdout.write(f"Port {otherwise} is taken: using {port} ({name} chooses another).")
        return port

    def _ask(self, site: Site, command: str) -> None:
        """Run one of our commands as the site's own processes would."""
        if command not in get_commands():
            self.stderr.write(self.style.WARNING(f"There is no command {command} yet: skipped."))
            return
        done = subprocess.run(site.command(command), env=site.environment(), check=False)
        if done.returncode:
            raise CommandError(f"{command} failed; its own words are above.")

    def _wait(self, site: Site, supervisor: Supervisor) -> None:
        pages = [f"{site.local_url}/healthz", f"{site.sim_url}/_sim/"]
        if not wait_for(
            lambda: all(answers(page) for page in pages),
            seconds=PATIENCE,
            meanwhile=supervisor.look_after,
        ):
            silent = ", ".join(page for page in pages if not answers(page))
            raise CommandError(f"No answer within {PATIENCE} s from {silent}; see the lines above.")

    def _announce(self, site: Site, *, seconds: float) -> None:
        lines = [
            "",
            f"Ringdove is ready after {seconds:.0f} s. Stop it with Ctrl-C.",
            f"  Open      {site.url}/        sign in as demo, password demo",
            f"  Handsets  {site.sim_url}/_sim/   texts arrive here; answer Y or STOP",
            f"  Data      {site.var}",
            "",
        ]
        self.stdout.write(self.style.SUCCESS("\n".join(lines)))
        self.stdout.flush()


def _stop(supervisor: Supervisor) -> None:
    try:
        supervisor.stop()
    except KeyboardInterrupt:
        supervisor.kill()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
