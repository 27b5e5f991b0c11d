"""Where this database belongs, and each time somebody said that it belongs elsewhere now."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Instance(models.Model):
    """The one row that says whose database this is (`vibes.lock`).

    `token`: machines that keep it may send from here. `mark`: the very database it was written in, as
    the server tells it. `epoch` grows with everything that is sent. `locked_at`: a machine has seen a
    later epoch than this database remembers, and nobody has confirmed since.
    """

    token = models.CharField(max_length=64)
    mark = models.CharField(max_length=120, blank=True)
    epoch = models.PositiveBigIntegerField(default=1)
    locked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"epoch {self.epoch}"


class Unlocking(models.Model):
    """Somebody confirmed that this database may send: who, why it was locked, and what that did."""

    happened_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=150)
    why = models.CharField(max_length=20)
    unknown = models.PositiveIntegerField()
    runs: models.JSONField[list[int], list[int]] = models.JSONField(default=list)

    class Meta:
        ordering = ["-happened_at", "-pk"]

    def __str__(self) -> str:
        return f"unlocked by {self.by_name}"
