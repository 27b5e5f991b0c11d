from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vibes", "0002_outboxrow_stopped"),
    ]

    operations = [
        migrations.AddField(
            model_name="number",
            name="stopped_at",
            field=models.DateTimeField(null=True),
        ),
    ]
