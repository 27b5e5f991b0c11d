"""`python3 manage.py test`: everything that can be tested on this machine (tests/rounds.py)."""

import os
import sys
from collections.abc import Sequence

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the whole suite. Whatever follows is passed on to pytest."

    def run_from_argv(self, argv: Sequence[str]) -> None:
        """Hand over whole: the options are pytest's, and no database is opened here.

        So are the settings: manage.py has chosen those of a developer's machine.
        """
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "tests.rounds", *argv[2:]]
        os.execv(sys.executable, command)  # noqa: S606  # no shell, our own Python
