"""`manage.py drop_history --before 2025-06`: let go of old months of the activity log."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone

from people import retention


def month(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no month such as 2025-06.") from None


class Command(BaseCommand):
    help = (
        "Drop the months of the activity log before the one that is named. Filters and pages then no"
        " longer see what happened in them; runs and their results stay. There is no way back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", type=month, required=True, metavar="YYYY-MM")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *, before: datetime, dry_run: bool, **_: Any) -> None:
        if before > timezone.now():
            raise CommandError("Name this month or an earlier one.")
        gone = retention.months_before(before) if dry_run else retention.drop_before(before)
        for each in gone:
            self.stdout.write(f"{each.name}  {each.lines:>12,} lines  {each.bytes / 1e6:>8,.0f} MB")
        verb = "would go" if dry_run else "are gone"
        self.stdout.write(f"{sum(each.lines for each in gone):,} lines {verb}.")
