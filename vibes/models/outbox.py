"""What we owe Vibes, and how far each debt got."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Person

from .account import Account
from .catalogue import AcquisitionCampaign, VibesList
from .outbox_range import OutboxRange


class OutboxQuerySet(models.QuerySet["OutboxRow"]):
    """Named questions about the outbox."""

    def due(self, now: datetime) -> OutboxQuerySet:
        """Rows that may go on the wire: ready or deferred, and their time has come."""
        return self.waiting().filter(Q(not_before=None) | Q(not_before__lte=now))

    def waiting(self) -> OutboxQuerySet:
        """Rows that have not begun."""
        return self.filter(state__in=OutboxRow.WAITING)

    def open(self) -> OutboxQuerySet:
        """Rows whose story is not over."""
        return self.filter(state__in=OutboxRow.OPEN)


class OutboxRow(models.Model):
    """One call we owe Vibes. Written in the transaction of its reason, settled by delivery.

    The unique key is (run, step visit, number, dedupe scope): a second row for the same intention
    cannot exist (P1). `event_id` is drawn once, here, and stays the same over all attempts. No index
    holds what changes while it is sent; who may send it is written on its range.
    Run, step, entry, campaign and message are plain values: vibes is below campaigns.
    """

    class Action(models.TextChoices):
        TEXT = "text", _("Text")
        SUBSCRIBE = "subscribe", _("Start the opt-in")
        UNSUBSCRIBE = "unsubscribe", _("End the subscription")

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        SENDING = "sending", _("Sending")
        ACCEPTED = "accepted", _("Accepted")
        DELIVERED = "delivered", _("Delivered")
        UNDELIVERED = "undelivered", _("Undelivered")
        REJECTED = "rejected", _("Rejected")
        DEFERRED = "deferred", _("Deferred")
        SKIPPED = "skipped", _("Skipped")
        UNKNOWN = "unknown", _("Unknown")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = (State.READY, State.SENDING, State.DEFERRED)
    WAITING = (State.READY, State.DEFERRED)

    range = models.ForeignKey(OutboxRange, models.PROTECT, related_name="rows")
    account = models.ForeignKey(Account, models.PROTECT, related_name="outbox", db_index=False)
    action = models.CharField(max_length=12, choices=Action, default=Action.TEXT)
    vibes_list = models.ForeignKey(VibesList, models.PROTECT, related_name="outbox", db_index=False)
    acquisition_campaign = models.ForeignKey(AcquisitionCampaign, models.PROTECT, null=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="outbox")
    mobile = models.CharField(max_length=16)
    text = models.TextField(blank=True)
    parts = models.PositiveSmallIntegerField(default=0)
    message_name = models.CharField(max_length=255, blank=True)
    message_id = models.BigIntegerField(null=True)

    campaign_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField()
    step_id = models.BigIntegerField()
    wave = models.BigIntegerField(default=0)
    entry_id = models.BigIntegerField()
    dedupe_scope = models.CharField(max_length=80, blank=True)

    event_id = models.UUIDField(unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.READY)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=255, blank=True)
    not_before = models.DateTimeField(null=True)
    # Why it must not be tried again, when its run was stopped while it was on the wire.
    stopped = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The range's when it was permitted: only the answer to that very permission counts.
    lease_no = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outbox"
        constraints = [
            models.UniqueConstraint(
                fields=["run_id", "step_id", "wave", "mobile", "dedupe_scope"],
                name="one_row_an_intention",
            )
        ]
        indexes = [
            models.Index(fields=["mobile", "-queued_at"], name="outbox_of_a_number"),
            models.Index(fields=["entry_id"], name="outbox_of_an_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.event_id}"
