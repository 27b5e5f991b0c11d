"""What we know of a number, whoever holds it, and its STOPs; the row that sending and STOP both lock."""

from django.db import models

from people.mobile import masked

from .account import Account


class Number(models.Model):
    """One E.164 number. Everyone who sends to it, or takes permission away, locks its row first (P3)."""

    class Line(models.TextChoices):
        UNKNOWN = "", "Not known"
        MOBILE = "mobile", "Mobile"
        LANDLINE = "landline", "Landline"
        DISCONNECTED = "disconnected", "Disconnected"
        INVALID = "invalid", "Not a number at Vibes"

    mobile = models.CharField(max_length=16, primary_key=True)
    line = models.CharField(max_length=12, choices=Line, default=Line.UNKNOWN, blank=True)
    person_key = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return masked(self.mobile)


class Stop(models.Model):
    """The newest STOP of a number that ended everything under one service's source code.

    Only an opt-in after it counts again there. Read and written with the number's row locked.
    """

    mobile = models.CharField(max_length=16)
    account = models.ForeignKey(Account, models.CASCADE, related_name="stops")
    stopped_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mobile", "account"], name="one_stop_a_number_account")
        ]

    def __str__(self) -> str:
        return f"{self.account}: {masked(self.mobile)}"
