"""The doorbell: tasks carry ids only, and `tick` finds what a lost message leaves undone."""

import os
from collections import deque
from typing import Any

import structlog
from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.signals import setup_logging
from django.conf import settings
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
log = structlog.get_logger(__name__)


_own_bells: list[deque[tuple[str, dict[str, Any]]]] = []


class Doorbell(DjangoTask):  # type: ignore[type-arg]  # generic in its stubs only
    """A task whose message may get lost: a broker that is away never fails the caller."""

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        if _own_bells:
            return _hear(self.name, kwargs.get("kwargs") or (args[1:2] or [{}])[0] or {})
        try:
            return super().apply_async(*args, **kwargs)
        except OperationalError:
            log.warning("doorbell not rung, the sweep will find it", task=self.name)
            return None


def hear_own_bells() -> deque[tuple[str, dict[str, Any]]]:
    """From now on this process sends no message: whatever it rings for is in this queue, each once."""
    if not _own_bells:
        _own_bells.append(deque())
    return _own_bells[0]


def _hear(name: str, ids: dict[str, Any]) -> None:
    if (name, ids) not in _own_bells[0]:
        _own_bells[0].append((name, ids))


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
