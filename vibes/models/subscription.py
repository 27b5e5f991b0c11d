"""What Vibes last told us of a number and a list. No row: Vibes was never asked."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .catalogue import AcquisitionCampaign, VibesList


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def members(self) -> SubscriptionQuerySet:
        return self.filter(state=Subscription.State.SUBSCRIBED)


class Subscription(models.Model):
    """The state of one (number, list). It belongs to the number, not to a person."""

    class State(models.TextChoices):
        NEVER = "never", _("Never subscribed")
        PENDING = "pending", _("Waiting for an answer")
        SUBSCRIBED = "subscribed", _("Subscribed")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Did not answer in time")
        UNSUBSCRIBED = "unsubscribed", _("Opted out")

    mobile = models.CharField(max_length=16)
    vibes_list = models.ForeignKey(VibesList, models.CASCADE, related_name="subscriptions")
    state = models.CharField(max_length=12, choices=State)
    reason = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=40)
    acquisition_campaign = models.ForeignKey(
        AcquisitionCampaign, models.SET_NULL, null=True, blank=True
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    # Vibes' own time (one second sharp) of the newest fact applied: what is older changes nothing.
    told_at = models.DateTimeField(null=True, blank=True)
    # When the person last left this list by an act of their own, whatever was told since: only a later
    # opt-in makes a member again.
    left_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mobile", "vibes_list"], name="one_state_a_number_list")
        ]
        indexes = [models.Index(fields=["vibes_list", "state"], name="members_of_a_list")]

    def __str__(self) -> str:
        return f"{self.vibes_list}: {self.get_state_display()}"
