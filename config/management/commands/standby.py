"""What a worker starts beside itself while the broker is away."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config import pulse, standby
from config.celery import app
from config.processes import QUEUES
from people import leaving


class Command(BaseCommand):
    help = "Do what is due without a broker, until one answers. Workers start this by themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queues", nargs="*", default=QUEUES, help="whose work to do (all)")
        parser.add_argument("--parent", type=int, help="the process to end with (who started it)")

    def handle(self, *, queues: list[str], parent: int | None, **_: Any) -> None:
        leaving.when_told()
        app.loader.import_default_modules()
        pulse.refuse_this_database()
        pulse.start(pulse.Role.WORKER, queues)
        parent = parent or os.getppid()
        standby.work(queues, is_over=lambda: os.getppid() != parent or standby.broker_answers())
