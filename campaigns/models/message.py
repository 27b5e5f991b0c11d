"""An SMS message: a draft that can be edited, and approved versions that go out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .tree import AssetQuerySet, Node


class SmsMessageQuerySet(AssetQuerySet["SmsMessage"]):
    def approved(self) -> SmsMessageQuerySet:
        """Messages with a text that may go out, in the order of a dropdown."""
        return self.present().filter(approved__isnull=False).order_by("node__name", "pk")


class SmsMessage(models.Model):
    """`text` is the draft; `approved` is what goes out."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        APPROVED_WITH_DRAFT = "approved-with-draft", _("Approved with draft")

    node = models.OneToOneField(Node, models.CASCADE, related_name="message")
    text = models.TextField(blank=True)
    approved = models.ForeignKey(
        "MessageVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField()

    objects = SmsMessageQuerySet.as_manager()

    def __str__(self) -> str:
        return self.node.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:message", args=[self.pk])

    def pinned(self) -> MessageVersion | None:
        """What a flow keeps of this message when it is published: the text approved by then."""
        return self.approved

    @property
    def state(self) -> State:
        if self.approved is None:
            return self.State.DRAFT
        if self.approved.text == self.text:
            return self.State.APPROVED
        return self.State.APPROVED_WITH_DRAFT


class MessageVersion(models.Model):
    """A text as it was approved. Never changed: a run that is pinned to it sends these words."""

    message = models.ForeignKey(SmsMessage, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="message_version_once")
        ]

    def __str__(self) -> str:
        return str(self.message)
