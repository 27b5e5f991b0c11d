"""People (or what became of them) on their way out, as a CSV file that is kept for a day."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportJob(models.Model):
    """Who asked for which columns of what, and how far it got. The row stays when its file is gone.

    `source` is a word of `people.exporting.sources`, `params` what it needs to find its rows;
    `position` is the key of the last row written.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")
        CANCELLED = "cancelled", _("Cancelled")
        GONE = "gone", _("Deleted after a day")

    source = models.CharField(max_length=40)
    params: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    title = models.CharField(max_length=255)
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(_("rows there were when it began"), null=True)
    rows = models.PositiveIntegerField(_("rows written"), default=0)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    position = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [("export_people", "Can export people and results")]

    def __str__(self) -> str:
        return self.title


class ExportPiece(models.Model):
    """Some lines of the file; in the database, so that every web process can give it out."""

    job = models.ForeignKey(ExportJob, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="one_export_piece_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.number}"


class ExportDownload(models.Model):
    """That somebody took the file with them, and when."""

    job = models.ForeignKey(ExportJob, models.CASCADE, related_name="downloads")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.job_id} at {self.at:%Y-%m-%d %H:%M}"
