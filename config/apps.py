"""The composition root as a Django app: its commands, and the Celery app that tasks bind to."""

from django.apps import AppConfig

from config.celery import app as celery_app

__all__ = ["ConfigConfig", "celery_app"]


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Ringdove"

    def ready(self) -> None:
        """Have Celery's processes write that they live."""
        from config import pulse  # noqa: F401, PLC0415  # it knows models, which are there only now
