"""What somebody did to a run, or to everything: the line of the record that is never changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .flow import FlowVersion
from .run import Run


class Intervention(models.Model):
    """Who paused, resumed, stopped, retried or moved, when, why, and how the texts stood at that moment.

    Written in the transaction of the deed. Without a run it concerns everything. `figures` are the
    ones that were shown (`campaigns.standing.Standing`; of a move `people`, and the numbers of the
    versions, `from` and `to`). `version` is what people were moved to: with the run's own, these are
    all that anybody in it ever went through.
    """

    class Deed(models.TextChoices):
        PAUSE = "pause", _("Paused")
        RESUME = "resume", _("Resumed")
        STOP = "stop", _("Stopped")
        RETRY = "retry", _("Retried")
        MOVE = "move", _("Moved")
        DEACTIVATE = "off", _("Deactivated")

    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="interventions")
    deed = models.CharField(max_length=8, choices=Deed)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=255, blank=True)
    version = models.ForeignKey(FlowVersion, models.PROTECT, null=True, related_name="moves")
    figures: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_deed_display()}, {self.run or _('everything')}"
