"""Who sends for an account just now."""

from django.db import models

from .account import Account


class SendingLoop(models.Model):
    """One place among those that may send for an account at once. Free when `until` is over or empty."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="loops")
    number = models.PositiveSmallIntegerField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="loop_once_an_account")
        ]

    def __str__(self) -> str:
        return f"loop {self.number} of {self.account}"
