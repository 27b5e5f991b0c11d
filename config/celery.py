"""Celery: tasks carry ids only, and `tick` finds what a lost message leaves undone."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from config.doorbell import Doorbell

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")


def queue_of(name: str) -> str:
    """The queue that the messages of a task go to."""
    routed: dict[str, Any] = app.amqp.router.route({}, name)
    return str(routed["queue"].name)


app = Celery("ringdove", task_cls=Doorbell)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["config"], related_name="ticker")
# What beat rings for, and a worker by itself while no beat does (config.ticker).
BEAT = "beat"
TICKS = ("campaigns.tasks.tick", "vibes.tasks.tick", "people.tasks.tick")
app.conf.beat_schedule = {
    task: {
        "task": task,
        "schedule": settings.SWEEP_SECONDS,
        "kwargs": {"by": BEAT},
        "options": {"expires": settings.SWEEP_SECONDS},
    }
    for task in TICKS
}


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Celery would replace the handlers that mask numbers; Django has configured them already."""
