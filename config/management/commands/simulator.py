"""`manage.py simulator`: a stand-in for Vibes by itself, for development and continuous integration."""

import os
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from config.processes import ROOT

OPTIONS = {
    "port": "where it listens on this machine (8099)",
    "scenario": "what goes wrong: calm, busy, storm, outage, revoked or slow (calm)",
    "fixture": "the world it starts with: demo, empty or large (demo)",
    "seed": "a number: the same one gives the same world and the same luck (1)",
    "database": "its SQLite file (var/simulator.sqlite3)",
}


class Command(BaseCommand):
    help = (
        "Run the stand-in for Vibes until Ctrl-C. It texts nobody and listens on this machine only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, about in OPTIONS.items():
            kind = int if name in ("port", "seed") else str
            parser.add_argument(f"--{name}", type=kind, help=about)

    def handle(self, **options: object) -> None:
        """Become the simulator: it takes over this process, and with it Ctrl-C."""
        said = {f"SIM_{name.upper()}": options[name] for name in OPTIONS}
        given = {name: str(value) for name, value in said.items() if value is not None}
        os.chdir(ROOT)
        command = [sys.executable, "-m", "vibes.simulator"]
        os.execve(sys.executable, command, {**os.environ, **given, "SIM_HOST": "127.0.0.1"})  # noqa: S606
