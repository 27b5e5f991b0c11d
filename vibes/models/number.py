"""What we know of a number, whoever holds it; and the row that sending and STOP both lock."""

from django.db import models

from people.mobile import masked


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
    # The newest STOP that ended everything under the code. Only an opt-in after it counts again.
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return masked(self.mobile)
