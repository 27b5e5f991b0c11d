"""What Vibes tells us: stored raw, answered, then applied."""

from django.db import models

from .account import Account


class Callback(models.Model):
    """One callback as it came. `applied_at` empty: still to be applied."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="callbacks")
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60, blank=True)
    body = models.TextField()
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "event_id"], name="callback_once")
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(applied_at=None), name="callback_to_apply"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
