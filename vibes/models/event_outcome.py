"""What the words in a receipt mean. Vibes documents few of them, so operators may add to the table."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .account import Account


class EventOutcome(models.Model):
    """Receipts of this type and status, with this piece in their reason, have this meaning.

    The lowest `position` that fits decides; an empty piece fits every reason. Compared in lower case.
    """

    class Meaning(models.TextChoices):
        ACCEPTED = "accepted", _("On its way")
        DELIVERED = "delivered", _("Delivered")
        SOFT_BOUNCE = "soft-bounce", _("Not delivered this time (soft bounce)")
        HARD_BOUNCE = "hard-bounce", _("Cannot be delivered to this number (hard bounce)")
        NOT_MOBILE = "not-mobile", _("Not a mobile number: never text it again")
        NOT_A_MEMBER = "not-a-member", _("Not a member of the list: skipped, and asked about again")
        NO_SENDER = "no-sender", _("No sender at Vibes for our event type: texts to the list wait")
        REFUSED = "refused", _("Refused by Vibes")
        NOTHING = "nothing", _("Says nothing about the text")

    position = models.PositiveIntegerField(default=100)
    type = models.CharField(max_length=40)
    status = models.CharField(max_length=40)
    piece = models.CharField(_("Piece of the reason"), max_length=120, blank=True)
    meaning = models.CharField(max_length=16, choices=Meaning)

    class Meta:
        verbose_name = _("event outcome")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["type", "status", "piece"], name="one_meaning_a_wording"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.status} {self.piece}".strip()


class UnrecognisedReceipt(models.Model):
    """Words no row of the table knows, how often they came, and an example. They change nothing."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="unrecognised")
    type = models.CharField(max_length=40)
    status = models.CharField(max_length=40)
    reason = models.CharField(max_length=160)
    count = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_callback_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "type", "status", "reason"], name="unrecognised_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.status} {self.reason}".strip()
