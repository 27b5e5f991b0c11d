"""What is claimed: some rows of the outbox that stand together."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .account import Account
from .catalogue import AcquisitionCampaign, VibesList

SIZE = 200  # rows, a second or so at Vibes' rate


class OutboxRangeQuerySet(models.QuerySet["OutboxRange"]):
    """Named questions about ranges."""

    def due(self, now: datetime) -> OutboxRangeQuerySet:
        """Ranges that may be claimed: nobody holds them, their run is not paused, and their time has come."""
        waiting = self.filter(state=OutboxRange.State.READY, held=False)
        return waiting.filter(Q(not_before=None) | Q(not_before__lte=now))

    def open(self) -> OutboxRangeQuerySet:
        """Ranges in which rows may still be open."""
        return self.exclude(state=OutboxRange.State.DONE)

    def abandoned(self, now: datetime) -> OutboxRangeQuerySet:
        """Ranges whose worker let its lease run out."""
        return self.filter(state=OutboxRange.State.CLAIMED, lease_until__lt=now)


class OutboxRange(models.Model):
    """Rows of one run, action and Vibes list, claimed together (docs/decisions/0022).

    Whoever claims it has its rows until the lease runs out, and no index on a row changes when the
    row does: a million rows are claimed as fast as a thousand. Each claim raises `lease_no`, and every
    later write names it.
    """

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        CLAIMED = "claimed", _("Claimed")
        DONE = "done", _("Done")

    class Lane(models.IntegerChoices):
        """Whose turn is first: what answers somebody goes before what was sent to many."""

        URGENT = 0, _("Triggered")
        BATCH = 1, _("Batch")

    account = models.ForeignKey(Account, models.PROTECT, related_name="outbox_ranges")
    action = models.CharField(max_length=12)
    vibes_list = models.ForeignKey(VibesList, models.PROTECT, related_name="+")
    acquisition_campaign = models.ForeignKey(
        AcquisitionCampaign, models.PROTECT, null=True, related_name="+"
    )
    run_id = models.BigIntegerField()
    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.BATCH)
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    # Its run is paused, or over: nothing of it may begin.
    held = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True)
    lease_no = models.PositiveIntegerField(default=0)
    # On the database's clock.
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()

    objects = OutboxRangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "lane", "id"], condition=Q(state="ready"), name="ranges_ready"
            ),
            models.Index(fields=["account"], condition=Q(state="claimed"), name="ranges_claimed"),
            models.Index(
                fields=["run_id"], condition=~Q(state="done"), name="ranges_open_of_a_run"
            ),
        ]

    def __str__(self) -> str:
        return f"range {self.pk} of run {self.run_id}"
