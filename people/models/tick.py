"""The last bell that was rung for all due work."""

from __future__ import annotations

from django.db import models

ONLY = 1


class Tick(models.Model):
    """One row: who rang last for all due work, and when. Where none rings, nothing late is found."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.by}, {self.at:%Y-%m-%d %H:%M:%S} UTC"
