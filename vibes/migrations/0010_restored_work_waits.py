import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


OPEN = ["ready", "claimed", "sending", "deferred"]


def lock_what_owes(apps, schema_editor):
    """A database from before this may be an old dump: with debts, somebody has to say that it is not."""
    if apps.get_model("vibes", "OutboxRow").objects.filter(state__in=OPEN).exists():
        apps.get_model("vibes", "Instance").objects.create(pk=1, mark="before")


class Migration(migrations.Migration):

    dependencies = [
        ('vibes', '0009_every_row_in_a_range'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('host', models.CharField(max_length=255)),
                ('pid', models.PositiveIntegerField()),
                ('role', models.CharField(choices=[('web', 'Web'), ('worker', 'Worker'), ('beat', 'Clock')], max_length=8)),
                ('version', models.CharField(max_length=40)),
                ('schema', models.CharField(max_length=80)),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(db_index=True)),
                ('is_member', models.BooleanField(default=False)),
                ('troubles', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['role', 'host', 'pid'],
            },
        ),
        migrations.CreateModel(
            name='Instance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=64)),
                ('mark', models.CharField(blank=True, max_length=120)),
                ('epoch', models.PositiveBigIntegerField(default=1)),
                ('locked_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Unlocking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('happened_at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=150)),
                ('why', models.CharField(max_length=20)),
                ('unknown', models.PositiveIntegerField()),
                ('runs', models.JSONField(default=list)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-happened_at', '-pk'],
            },
        ),
        migrations.RunPython(lock_what_owes, migrations.RunPython.noop),
    ]
