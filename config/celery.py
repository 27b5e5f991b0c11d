"""The doorbell: tasks carry ids only, and `tick` finds what a lost message leaves undone."""

import os
from typing import Any

import structlog
from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.signals import setup_logging
from django.conf import settings
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
log = structlog.get_logger(__name__)


class Doorbell(DjangoTask):  # type: ignore[type-arg]  # generic in its stubs only
    """A task whose message may get lost: a broker that is away never fails the caller."""

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().apply_async(*args, **kwargs)
        except OperationalError:
            log.warning("doorbell not rung, the sweep will find it", task=self.name)
            return None


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
