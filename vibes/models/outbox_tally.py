"""How many rows of the outbox stand where: kept by the database in the transaction that moves them."""

from __future__ import annotations

from django.db import models


class OutboxTally(models.Model):
    """The rows, and parts, that one database session (`writer`) has brought somewhere or taken away, net.

    Only sums over all writers mean something: they are the counts of the outbox at every moment.
    Triggers write them, so nobody can forget to; each session has rows of its own, so nobody waits.
    """

    run_id = models.BigIntegerField()
    step_id = models.BigIntegerField()
    action = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    writer = models.BigIntegerField()
    debts = models.BigIntegerField()
    parts = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "outbox tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["run_id", "step_id", "action", "state", "writer"],
                name="one_outbox_tally_a_writer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.debts} {self.state} at step {self.step_id} of run {self.run_id}"
