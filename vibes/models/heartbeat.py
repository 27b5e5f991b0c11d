"""That a process lives, written by itself."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """One process of ours: what it is, since when it runs, when it was last heard of.

    `is_member`: the machine it runs on may send from this database. `troubles` are words for what it
    cannot reach (`vibes.heartbeats.Trouble`); `queues` are those a worker takes messages from.
    """

    class Role(models.TextChoices):
        WEB = "web", _("Web")
        WORKER = "worker", _("Worker")
        BEAT = "beat", _("Clock")

    key = models.UUIDField(unique=True)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    role = models.CharField(max_length=8, choices=Role)
    version = models.CharField(max_length=40)
    schema = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    is_member = models.BooleanField(default=False)
    queues: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    troubles: models.JSONField[list[str], list[str]] = models.JSONField(default=list)

    class Meta:
        ordering = ["role", "host", "pid"]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
