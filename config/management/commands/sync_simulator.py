"""`manage.py sync_simulator`: put the stand-in for Vibes in step with the demo's world."""

from argparse import ArgumentParser
from time import monotonic, sleep
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from config.demo_world.in_step import Controls, bring
from vibes import connection
from vibes.models import Account

PATIENCE = 30.0  # seconds for another's sync


class Command(BaseCommand):
    help = "Tell the simulator which numbers are members of what, then sync with it. Repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--simulator-url",
            default=settings.SIMULATOR_URL,
            help="where the stand-in for Vibes answers",
        )

    def handle(self, *, simulator_url: str, **_: Any) -> None:
        account = Account.objects.filter(region=Account.Region.SIMULATOR).order_by("pk").first()
        if account is None:
            self.stdout.write("No Vibes service is a simulator: nothing to do.")
            return
        self._move(account, simulator_url.rstrip("/"))
        try:
            told = bring(account, Controls(account.base_url))
        except requests.RequestException as fault:
            self.stderr.write(f"No simulator at {account.base_url}: {type(fault).__name__}.")
            return
        self._sync(account)
        self.stdout.write(
            f"The simulator learnt of {told.handsets} numbers and {told.memberships} memberships;"
            f" {account.get_health_display().lower()}."
        )

    def _sync(self, account: Account) -> None:
        """Sync, unless a worker is at it just now: then wait for that one."""
        ends = monotonic() + PATIENCE
        while not connection.begin_sync(account, now=timezone.now()) and monotonic() < ends:
            account.refresh_from_db()
            if account.synced_at and account.sync_wanted_at is None:
                return
            sleep(0.2)
        connection.sync(account, now=timezone.now())

    def _move(self, account: Account, url: str) -> None:
        """The demo's ports may differ from the last start's."""
        if account.base_url != url:
            account.base_url = url
            account.save(update_fields=["base_url"])
