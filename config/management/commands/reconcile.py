"""`manage.py reconcile`: compare every number with Vibes now, and say what differed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone

from vibes import sweeps
from vibes.client import VibesError
from vibes.models import Account, Sweep


class Command(BaseCommand):
    help = "Compare our copy of all subscriptions with Vibes, repair it, and say what differed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--service", help="only the Vibes service of this name")

    def handle(self, *, service: str | None = None, **_: Any) -> None:
        accounts = Account.objects.order_by("name")
        if service:
            accounts = accounts.filter(name=service)
        if not accounts:
            raise CommandError("There is no such Vibes service.")
        for account in accounts:
            self.stdout.write(f"{account}: {_told(self._reconcile(account))}")

    def _reconcile(self, account: Account) -> Sweep:
        try:
            with sweeps.asking(account) as client:
                return sweeps.reconcile(account, client, timezone.now())
        except VibesError as fault:
            raise CommandError(
                f"{account}: {fault} What was learnt is kept; the workers go on with the rest."
            ) from fault


def _told(sweep: Sweep) -> str:
    differed = sweep.drifts.count()
    return (
        f"{sweep.asked} numbers asked about, {sweep.learnt} new, {differed} differences,"
        f" {sweep.unanswered} unanswered"
    )
