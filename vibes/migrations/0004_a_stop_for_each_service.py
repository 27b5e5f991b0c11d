"""Each service keeps its own STOP of a number.

The one time there was per number is kept for each service that knows the number.
"""

import django.db.models.deletion
from django.db import migrations, models

KEEP = """
    INSERT INTO vibes_stop (mobile, account_id, stopped_at)
    SELECT DISTINCT n.mobile, l.account_id, n.stopped_at
    FROM vibes_number n
    JOIN vibes_subscription s ON s.mobile = n.mobile
    JOIN vibes_vibeslist l ON l.id = s.vibes_list_id
    WHERE n.stopped_at IS NOT NULL
"""
UNDO = """
    UPDATE vibes_number SET stopped_at = (
        SELECT MAX(s.stopped_at) FROM vibes_stop s WHERE s.mobile = vibes_number.mobile
    )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("vibes", "0003_the_ledger_is_final"),
    ]

    operations = [
        migrations.CreateModel(
            name="Stop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mobile", models.CharField(max_length=16)),
                ("stopped_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stops",
                        to="vibes.account",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("mobile", "account"), name="one_stop_a_number_account"
                    )
                ],
            },
        ),
        migrations.RunSQL([KEEP], [UNDO]),
        migrations.RemoveField(model_name="number", name="stopped_at"),
    ]
