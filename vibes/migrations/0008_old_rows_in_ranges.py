from django.db import migrations
from django.db.models import Count, Min


def put_into_ranges(apps, schema_editor):
    """One range for all rows of a run, action and list; a row that was claimed has not begun."""
    Row, Range = apps.get_model("vibes", "OutboxRow"), apps.get_model("vibes", "OutboxRange")
    Row.objects.filter(state="claimed").update(state="ready")
    alike = ("account_id", "action", "vibes_list_id", "acquisition_campaign_id", "run_id")
    found = Row.objects.order_by().values(*alike).annotate(size=Count("pk"), queued_at=Min("queued_at"))
    for each in found:
        rows = Row.objects.filter(**{name: each[name] for name in alike})
        sending = rows.filter(state="sending").exists()
        is_open = sending or rows.filter(state__in=["ready", "deferred"]).exists()
        # What is on the wire was leased under the old rule: its range counts as claimed, and as lost.
        lease = {"state": "claimed", "lease_until": each["queued_at"]} if sending else {}
        made = Range.objects.create(**({"state": "ready" if is_open else "done"} | lease), **each)
        rows.update(range=made)


class Migration(migrations.Migration):
    dependencies = [("vibes", "0007_ranges")]

    operations = [migrations.RunPython(put_into_ranges, migrations.RunPython.noop)]
