"""What flows ask of other campaigns: that people enter them. One row a person, until that was answered and after."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .campaign import Campaign
from .run import Entry, Run


class RequestQuerySet(models.QuerySet["Request"]):
    def waiting(self) -> RequestQuerySet:
        """Those that nobody has answered yet."""
        return self.filter(state=Request.State.WAITING)


class Request(models.Model):
    """That somebody, at a step visit of `run`, shall enter `campaign`. Written in the transaction that advances
    them, answered by `campaigns.listener`. A second for the same visit cannot exist.

    `depth` is how many requests in a row led to it, itself included.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ENTERED = "entered", _("Entered")
        REFUSED = "refused", _("Did not enter")
        CANCELLED = "cancelled", _("Cancelled")

    run = models.ForeignKey(Run, models.CASCADE, related_name="requests")
    entry = models.ForeignKey(
        Entry, models.CASCADE, related_name="requests", db_index=False, db_constraint=False
    )
    step_id = models.BigIntegerField()
    wave = models.BigIntegerField(default=0)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="requests", db_index=False)
    depth = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "step_id", "wave"], name="one_request_a_visit")
        ]
        indexes = [
            models.Index(
                fields=["campaign", "id"], condition=Q(state="waiting"), name="requests_to_answer"
            )
        ]

    def __str__(self) -> str:
        return f"request for entry {self.entry_id}, step {self.step_id}"
