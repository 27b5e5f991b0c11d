import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vibes', '0005_leases_and_the_last_end'),
    ]

    operations = [
        migrations.RenameField(
            model_name='account',
            old_name='delivering_until',
            new_name='resting_until',
        ),
        migrations.CreateModel(
            name='SendingLoop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('until', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='loops', to='vibes.account')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'number'), name='loop_once_an_account')],
            },
        ),
    ]
