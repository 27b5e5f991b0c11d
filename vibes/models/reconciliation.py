"""A sweep over every number we know, and the differences from Vibes that it found."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .account import Account
from .catalogue import VibesList
from .subscription import Subscription


class Sweep(models.Model):
    """One comparison of our copy with Vibes. `position` is the last number done: it goes on from there."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Stopped")

    NIGHTLY = "nightly"  # what stands in `started_by` where nobody did

    account = models.ForeignKey(Account, models.CASCADE, related_name="sweeps")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    # Only numbers that wait for an answer or changed since then; empty: all we know.
    changed_since = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    position = models.CharField(max_length=16, blank=True)
    total = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    learnt = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(state="running"), name="one_sweep_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_state_display()}"

    @property
    def starter(self) -> str:
        """Who or what started it, for people to read."""
        is_ours = self.started_by == self.NIGHTLY
        return str(_("the nightly schedule")) if is_ours else self.started_by


class Drift(models.Model):
    """One difference: what we held, what Vibes says, and what became of it, in words a person reads."""

    class Outcome(models.TextChoices):
        REPAIRED = "repaired", _("Repaired: ours now says what Vibes says")
        EXPLAINED = "explained", _("Explained: ours stays, and this is why")

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="drifts")
    vibes_list = models.ForeignKey(VibesList, models.CASCADE, related_name="drifts")
    mobile = models.CharField(max_length=16)
    ours = models.CharField(max_length=12, choices=Subscription.State)
    theirs = models.CharField(max_length=12, choices=Subscription.State)
    outcome = models.CharField(max_length=10, choices=Outcome)
    explanation = models.CharField(max_length=255)
    told_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "drift"
        constraints = [
            models.UniqueConstraint(
                fields=["sweep", "mobile", "vibes_list"], name="one_drift_a_sweep_number_list"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ours} / {self.theirs}"
