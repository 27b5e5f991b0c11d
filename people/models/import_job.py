"""A CSV file on its way into the database: kept whole, mapped, tried, then taken in slices."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .static_list import StaticList


class ImportJob(models.Model):
    """One uploaded file and how far it got; `position` is the next row to take (the first is 0)."""

    class State(models.TextChoices):
        MAPPING = "mapping", "Waiting for its columns"
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Stopped"
        CANCELLED = "cancelled", "Cancelled"

    file_name = models.CharField(max_length=255)
    state = models.CharField(max_length=12, choices=State, default=State.MAPPING)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1, default=",")
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    mapping: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    options: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    static_list = models.ForeignKey(StaticList, models.SET_NULL, null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    invalid_count = models.PositiveIntegerField(
        _("rows taken whose number is not valid"), default=0
    )
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name


class ImportFile(models.Model):
    """The bytes of an import. In the database, so that any worker on any machine can read them."""

    job = models.OneToOneField(ImportJob, models.CASCADE, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.job)


class ImportReject(models.Model):
    """A row that was not taken, and why; `number` counts rows as a spreadsheet does."""

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rejects")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=255)
    cells: models.JSONField[list[str], list[str]] = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="once_rejected")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.reason}"
