"""How many verdicts stand where: kept by the database in the transaction that moves them."""

from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """The verdicts of a run that one database session (`writer`) has added or taken away, net.

    Only sums over all writers mean something: they are the counts of the ledger at every moment. Triggers write
    them, so nobody can forget to; each session has rows of its own, so nobody waits for another.
    """

    run_id = models.BigIntegerField()
    step_id = models.BigIntegerField()
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, blank=True)
    writer = models.BigIntegerField()
    people = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["run_id", "step_id", "state", "reason", "writer"],
                name="one_tally_a_writer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.people} {self.state} at step {self.step_id} of run {self.run_id}"


class Sample(models.Model):
    """How many texts of a run had been sent at a moment: by two of them, how fast it goes."""

    run_id = models.BigIntegerField()
    at = models.DateTimeField()
    sent = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["run_id", "-at"], name="samples_of_a_run")]

    def __str__(self) -> str:
        return f"{self.sent} sent in run {self.run_id}"
