"""A flow: its draft as rows that can be edited, its published versions as values that cannot."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from people.models import StaticList
from vibes.models import AcquisitionCampaign, VibesList

from .campaign import Campaign
from .message import SmsMessage
from .smart_list import SmartList
from .webhook import Webhook


class FlowStep(models.Model):
    """One row of the draft. Its id is its identity: it stays through moves, undo and publishing.

    `config` holds the settings of the default branch, as the step's form posts them.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    config: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    does_nothing = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.position + 1}. {self.kind}"


class Choice(models.Model):
    """One branch of a step: for those the condition finds, these settings, or nothing. First match wins."""

    step = models.ForeignKey(FlowStep, models.CASCADE, related_name="choices")
    position = models.PositiveIntegerField()
    condition = models.OneToOneField(SmartList, models.PROTECT, related_name="choice")
    config: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    does_nothing = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"choice {self.position + 1}"


class FlowVersion(models.Model):
    """What was published: smart list, flow and message versions, as plain values. Never changed.

    `content` is what `campaigns.versions` writes and reads (see there for its shape).
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    # The cards it was made of, as `campaigns.snapshot` writes and reads them; none of before 2026-11.
    draft: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(
        null=True
    )
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.campaign}, version {self.number}"


class StepReference(models.Model):
    """That a draft step or a published version uses something: one real foreign key is filled.

    Written from the forms' ModelChoiceFields by `campaigns.references`; a step costs nothing here.
    """

    step = models.ForeignKey(FlowStep, models.CASCADE, null=True, related_name="references")
    version = models.ForeignKey(FlowVersion, models.CASCADE, null=True, related_name="references")
    message = models.ForeignKey(SmsMessage, models.PROTECT, null=True, related_name="used_by")
    vibes_list = models.ForeignKey(VibesList, models.PROTECT, null=True, related_name="used_by")
    acquisition_campaign = models.ForeignKey(
        AcquisitionCampaign, models.PROTECT, null=True, related_name="used_by"
    )
    static_list = models.ForeignKey(StaticList, models.PROTECT, null=True, related_name="used_by")
    # Not protected from going with a step of its own that names it.
    campaign = models.ForeignKey(Campaign, models.RESTRICT, null=True, related_name="used_by")
    webhook = models.ForeignKey(Webhook, models.PROTECT, null=True, related_name="used_by")

    def __str__(self) -> str:
        lists = self.vibes_list or self.acquisition_campaign or self.static_list
        return str(self.message or lists or self.campaign or self.webhook)
