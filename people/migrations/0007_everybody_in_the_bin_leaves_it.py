"""Whom the undoing of an import put into the recycle bin had no day on which they are erased."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F


def name_the_day(apps, schema_editor):
    people = apps.get_model("people", "Person")
    forgotten = people.objects.filter(
        deleted_at__isnull=False, erase_at=None, erased_at=None, merged_into=None
    )
    forgotten.update(erase_at=F("deleted_at") + timedelta(days=30))


class Migration(migrations.Migration):
    dependencies = [("people", "0006_merged_binned_suppressed")]
    operations = [migrations.RunPython(name_the_day, migrations.RunPython.noop)]
