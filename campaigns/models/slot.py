"""A time at which a campaign is to run, once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .campaign import Campaign
from .flow import FlowVersion
from .run import Run


class SlotQuerySet(models.QuerySet["Slot"]):
    """Named questions about slots."""

    def planned(self) -> SlotQuerySet:
        """Slots whose time has not come, or whose run nobody has started yet; the next first."""
        return self.filter(state=Slot.State.PLANNED).order_by("scheduled_for", "pk")

    def undecided(self) -> SlotQuerySet:
        """Slots that started nothing: somebody must say what becomes of them. The oldest first."""
        return self.filter(state__in=Slot.UNDECIDED).order_by("scheduled_for", "pk")

    def over(self) -> SlotQuerySet:
        """Slots that need nobody any more, the newest first."""
        over = self.exclude(state=Slot.State.PLANNED).exclude(state__in=Slot.UNDECIDED)
        return over.order_by("-scheduled_for", "-pk")


class Slot(models.Model):
    """A campaign and a time: never two runs (I13). It starts the version that was published when it was planned.

    `asked_for` is the local time in `zone` that somebody typed; `scheduled_for` what that means.
    `why` is what stood against the run when it was due, a sentence a line; empty when it was too late.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        STARTED = "started", _("Started")
        MISSED = "missed", _("Missed")
        REFUSED = "refused", _("Could not run")
        CANCELLED = "cancelled", _("Cancelled")
        SKIPPED = "skipped", _("Skipped")

    UNDECIDED = (State.MISSED, State.REFUSED)

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="slots")
    version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="slots")
    scheduled_for = models.DateTimeField()
    zone = models.CharField(max_length=64)
    asked_for = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=State, default=State.PLANNED)
    why = models.TextField(blank=True)
    run = models.OneToOneField(Run, models.PROTECT, null=True, related_name="slot")
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    planned_at = models.DateTimeField()
    # Who cancelled or skipped it, or let it run late.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "scheduled_for"], name="one_slot_a_time")
        ]
        indexes = [
            models.Index(
                fields=["scheduled_for"], condition=Q(state="planned"), name="slots_planned"
            ),
            models.Index(
                fields=["scheduled_for"],
                condition=Q(state__in=["missed", "refused"]),
                name="slots_undecided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} at {self.scheduled_for:%Y-%m-%d %H:%M} UTC"

    @property
    def token(self) -> str:
        """The start token of its run: however often it is started, it is the same run."""
        return f"slot-{self.pk}"

    @property
    def is_undecided(self) -> bool:
        return self.state in self.UNDECIDED
