import django.db.models.deletion
from django.db import migrations, models

# What is sent is written to several times. With room beside it on its page, and no index on what
# changes, PostgreSQL writes it there and leaves the indexes alone.
ROOM = "ALTER TABLE vibes_outboxrow SET (fillfactor = 70)"


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ROOM)


class Migration(migrations.Migration):
    dependencies = [("vibes", "0008_old_rows_in_ranges")]

    operations = [
        migrations.AlterField(
            model_name="outboxrow",
            name="range",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rows",
                to="vibes.outboxrange",
            ),
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
