"""`manage.py doctor`: is this installation sound, and if not, what to do."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.checkup import Finding, Level, examine


class Command(BaseCommand):
    help = "Look at versions, database, broker, keys and addresses, and say what to do."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        findings = []
        for finding in examine():
            self._show(finding)
            findings.append(finding)
        wrong = sum(finding.level is Level.WRONG for finding in findings)
        warnings = sum(finding.level is Level.WARNING for finding in findings)
        self.stdout.write(f"\n{wrong} wrong, {warnings} to know about.")
        if wrong:
            sys.exit(1)

    def _show(self, finding: Finding) -> None:
        paint = {
            Level.GOOD: self.style.SUCCESS,
            Level.WARNING: self.style.WARNING,
            Level.WRONG: self.style.ERROR,
        }[finding.level]
        self.stdout.write(f"{paint(f'{finding.level:>7}')}  {finding.seen}")
        if finding.advice:
            self.stdout.write(f"         {finding.advice}")
        self.stdout.flush()
