"""`manage.py rotate_keys`: write every secret anew with the first of FIELD_KEYS."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from vibes.models.secret import SecretField


class Command(BaseCommand):
    help = (
        "Encrypt every secret in the database with the first key of FIELD_KEYS. After that the old"
        " keys may be taken away. Repeatable."
    )

    def handle(self, **_: Any) -> None:
        count = sum(self._rotate(model) for model in apps.get_models())
        self.stdout.write(f"{count} rows are encrypted with the newest key now.")

    @transaction.atomic
    def _rotate(self, model: type[models.Model]) -> int:
        """Read with any key, write with the first: only the secrets, under the row's lock."""
        names = [each.name for each in model._meta.fields if isinstance(each, SecretField)]
        if not names:
            return 0
        rows = list(model._default_manager.select_for_update())
        for row in rows:
            row.save(update_fields=names)
        return len(rows)
