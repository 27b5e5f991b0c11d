"""One append-only line of a person's history."""

from __future__ import annotations

from typing import Any

from django.db import models

from .person import Person


class Activity(models.Model):
    """What happened to a person, when, in a word (`kind`) and its particulars (`details`).

    Campaign, run and step are plain values: people are below campaigns and do not know them. On
    PostgreSQL the table is partitioned by month with the key (id, happened_at), so no foreign key
    may point at it (`people.partitions`).
    """

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(
        Person, models.CASCADE, related_name="activities", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=40)
    happened_at = models.DateTimeField()
    campaign_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    step_id = models.BigIntegerField(null=True)
    details: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["person", "-happened_at"], name="activity_of_person"),
            models.Index(fields=["kind", "happened_at"], name="activity_of_kind"),
        ]

    def __str__(self) -> str:
        return self.kind
