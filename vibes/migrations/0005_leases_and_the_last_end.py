"""Who syncs and who makes a sender is kept, and when somebody last left a list.

Whoever stands as having left one did so at the time of the newest fact told of it.
"""

from django.db import migrations, models

KEEP = """
    UPDATE vibes_subscription SET left_at = COALESCE(told_at, changed_at)
    WHERE state = 'unsubscribed'
    AND reason IN ('user_opt_out', 'keyword_opt_out', 'button_opt_out')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('vibes', '0004_a_stop_for_each_service'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='syncing_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='subscription',
            name='left_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='vibeslist',
            name='sender_made_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='eventoutcome',
            name='meaning',
            field=models.CharField(choices=[('accepted', 'On its way'), ('delivered', 'Delivered'), ('soft-bounce', 'Not delivered this time (soft bounce)'), ('hard-bounce', 'Cannot be delivered to this number (hard bounce)'), ('not-mobile', 'Not a mobile number: never text it again'), ('not-a-member', 'Not a member of the list: skipped, and asked about again'), ('no-sender', 'No sender at Vibes for our event type: texts to the list wait'), ('refused', 'Refused by Vibes'), ('nothing', 'Says nothing about the text')], max_length=16),
        ),
        migrations.RunSQL([KEEP], migrations.RunSQL.noop),
    ]
