"""What most would write: a task a person, with ORM get, requests.post and save.

`python -m tests.bench.send_usual RUN` rings for every text of a run; `celery -A tests.bench.send_usual
worker -Q usual` sends them.
"""

import json
import os
import sys

import django

django.setup()

import requests  # noqa: E402  # Django must be set up first
from celery import Celery  # noqa: E402
from django.utils import timezone  # noqa: E402

from vibes.models import OutboxRow  # noqa: E402

app = Celery("usual", broker=os.environ.get("USUAL_BROKER") or "memory://")
app.conf.task_default_queue = "usual"


@app.task(name="send", ignore_result=True)
def send(row_id: int) -> None:
    row = OutboxRow.objects.select_related("account", "person").get(pk=row_id)
    event = {
        "event_id": str(row.event_id),
        "event_type": "rd_0a1b2c3d_sms_1234",
        "event_data": {"mdn": row.mobile, "message_body": row.text},
    }
    answer = requests.post(
        f"{os.environ['USUAL_URL']}/companies/DEMO0001/events",
        json=event,
        auth=("demo", "demo"),
        timeout=20,
    )
    row.state = "accepted" if answer.status_code == 202 else "rejected"
    row.settled_at = timezone.now()
    row.save()


def main(run: int) -> None:
    rows = OutboxRow.objects.filter(run_id=run, state="ready").values_list("pk", flat=True)
    for row_id in rows:
        send.delay(row_id)
    print(json.dumps({"rung": len(rows)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
