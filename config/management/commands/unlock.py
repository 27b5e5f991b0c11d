"""`manage.py unlock`: let a restored or copied database send, from this machine."""

import getpass
import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone

from campaigns import unlocking
from config.operations import WORD, told
from vibes import lock


class Command(BaseCommand):
    help = "Say why nothing is sent from this database, and let it send once you confirm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask: I know what I do")

    def handle(self, *, yes: bool = False, **_: Any) -> None:
        found = unlocking.consequences(now=timezone.now())
        if found.why is None:
            self.stdout.write("This database is not locked on this machine.")
            return
        self.stdout.write(lock.words(found.why))
        self.stdout.write(
            f"To unlock makes {found.on_the_wire} texts unknown, stops {len(found.runs)} runs, and "
            f"has somebody decide about {len(found.slots)} planned runs that are due."
        )
        if not yes and input(f"Type {WORD} to go on: ").strip() != WORD:
            raise CommandError("It stays locked.")
        try:
            by = f"{getpass.getuser()} on {socket.gethostname()}"
            self.stdout.write(told(unlocking.unlock(by=None, by_name=by, now=timezone.now())))
        except unlocking.NotLocked as other:
            raise CommandError(str(other)) from other
