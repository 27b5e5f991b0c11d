"""What steps owe the world outside Vibes, and how far each debt got."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .run import Entry, Run


class EffectQuerySet(models.QuerySet["Effect"]):
    """Named questions about effects."""

    def due(self, now: datetime) -> EffectQuerySet:
        """Those that may happen: ready, their time has come, and their run goes."""
        on_time = Q(not_before=None) | Q(not_before__lte=now)
        return self.filter(on_time, state=Effect.State.READY, run__state=Run.State.RUNNING)


class Effect(models.Model):
    """One deed for one person at one step visit: a call, a mail. Written in the transaction that advances the
    person, delivered by `effects` through the step of its kind. A second for the same visit cannot exist.
    """

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        SENDING = "sending", _("Sending")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        CANCELLED = "cancelled", _("Cancelled")

    run = models.ForeignKey(Run, models.CASCADE, related_name="effects")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="effects", db_index=False)
    step_id = models.BigIntegerField()
    wave = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=40)
    # What is to happen, merged for this person; emptied when the person is erased, as is the answer.
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    answer: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    detail = models.CharField(max_length=255, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = EffectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "step_id", "wave"], name="one_effect_a_visit")
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state__in=["ready", "sending"]), name="effects_to_come"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of entry {self.entry_id}, step {self.step_id}"
