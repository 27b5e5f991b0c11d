"""A CSV file on its way into the database: kept in pieces, mapped, looked through, then taken in slices."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .static_list import StaticList

Json = models.JSONField[dict[str, Any], dict[str, Any]]


class ImportJob(models.Model):
    """One uploaded file and how far it got.

    It is passed over twice, first to count and then to take. `offset` is the byte at which the next
    row of the present pass begins, `line` that row's number as a spreadsheet counts, and `position`
    the rows taken so far.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        MAPPING = "mapping", _("Waiting for its columns")
        CHECKING = "checking", _("Being looked through")
        CHECKED = "checked", _("Ready to start")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")
        CANCELLED = "cancelled", _("Cancelled")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    file_name = models.CharField(max_length=255)
    state = models.CharField(max_length=12, choices=State, default=State.MAPPING)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True, db_index=True)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1, default=",")
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    # A digest of `columns`: the same headers again are mapped as they were the last time.
    header = models.CharField(max_length=64, blank=True, db_index=True)
    mapping: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    options: Json = models.JSONField(default=dict)
    static_list = models.ForeignKey(StaticList, models.SET_NULL, null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    offset = models.PositiveBigIntegerField(default=0)
    line = models.PositiveIntegerField(default=2)
    position = models.PositiveIntegerField(default=0)
    forecast: Json = models.JSONField(_("what the first pass counted"), default=dict)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    invalid_count = models.PositiveIntegerField(
        _("rows taken whose number is not valid"), default=0
    )
    undo_position = models.BigIntegerField(_("the last trace undone"), default=0)
    undone: Json = models.JSONField(_("what undoing did"), default=dict)
    error = models.TextField(blank=True)
    stopped_in = models.CharField(_("the state to go on in"), max_length=12, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [
            ("import_people", _("Can import people and undo imports")),
            ("see_all_jobs", _("Can open imports and exports of others")),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportPiece(models.Model):
    """A piece of the file. In the database, so that any worker on any machine can read any part of it."""

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_piece_a_number")]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.number}"


class ImportKey(models.Model):
    """While a file is looked through: by what a row of it told a person. Gone when that is over."""

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="keys")
    key = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="one_key_of_a_file")]

    def __str__(self) -> str:
        return self.key


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


class ImportTrace(models.Model):
    """What an import did to one person, for a day, so that it can be undone.

    `before` and `after` hold values by field, as JSON keeps them. `kept` says, after undoing, why
    something of it stays. The person is a plain id: one who was merged or erased is simply gone.
    """

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="traces")
    person_id = models.BigIntegerField()
    made = models.BooleanField(default=False)
    listed = models.BooleanField(default=False)
    before: Json = models.JSONField(default=dict)
    after: Json = models.JSONField(default=dict)
    kept = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "person_id"], name="one_trace_each")]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.person_id}"
