"""`manage.py seed_demo`: fill an empty database with the demo's world, once."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone

from config.demo_world import AlreadyInUse, plant


class Command(BaseCommand):
    help = "Fill an empty database with 500 made-up people and campaigns; sign in as demo / demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--simulator-url",
            default=settings.SIMULATOR_URL,
            help="where the stand-in for Vibes answers",
        )

    def handle(self, *, simulator_url: str, **_: Any) -> None:
        if settings.SESSION_COOKIE_SECURE:
            raise CommandError("These are production settings: demo / demo would open the door.")
        try:
            planted = plant(simulator_url=simulator_url.rstrip("/"), now=timezone.now())
        except AlreadyInUse:
            raise CommandError("This database is in use: the demo wants an empty one.") from None
        done = "The demo's people and campaigns are here." if planted else "It was seeded before."
        self.stdout.write(done)
