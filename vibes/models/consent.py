"""The consent ledger: every change of what we believe about a number, written once and never again."""

from __future__ import annotations

from typing import Any, Never

from django.db import models
from django.utils.translation import gettext_lazy as _


class LedgerIsFinal(TypeError):
    """Somebody tried to change or delete what was written down: a programming error."""


class ConsentQuerySet(models.QuerySet["ConsentEntry"]):
    """Rows are added and read. The database refuses to change or delete them as well."""

    def update(self, **_: Any) -> Never:
        raise LedgerIsFinal("The consent ledger is only added to.")

    def delete(self) -> Never:
        raise LedgerIsFinal("The consent ledger is only added to.")

    def rename(self, mobile: str) -> int:
        """The one change there is: another name for the number, when its holder is erased or comes back."""
        return super().update(mobile=mobile)


class ConsentEntry(models.Model):
    """One change: of a number's state on a list, or (no list) of what the number is.

    Who, how, when and, where known, in which words. Plain values, no references: it outlives lists,
    campaigns and people. `told_at` is when it was so by Vibes' clock, `recorded_at` when we wrote it.
    """

    class Actor(models.TextChoices):
        PERSON = "person", _("The person, from the handset")
        FLOW = "flow", _("A flow step")
        VIBES = "vibes", _("Vibes")
        CARRIER = "carrier", _("The carrier")
        CLOCK = "clock", _("Nobody: the time was over")
        UNKNOWN = "unknown", _("Not known")

    mobile = models.CharField(max_length=80)
    account_id = models.BigIntegerField(null=True)
    vibes_list_id = models.BigIntegerField(null=True)
    list_name = models.CharField(max_length=255, blank=True)
    was = models.CharField(max_length=12, blank=True)
    became = models.CharField(max_length=12)
    actor = models.CharField(max_length=10, choices=Actor)
    source = models.CharField(max_length=40)
    reason = models.CharField(max_length=40, blank=True)
    wording = models.TextField(blank=True)
    acquisition_campaign = models.CharField(max_length=255, blank=True)
    person_key = models.CharField(max_length=80, blank=True)
    callback_id = models.BigIntegerField(null=True)
    campaign_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    step_id = models.BigIntegerField(null=True)
    told_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent entry")
        verbose_name_plural = _("consent ledger")
        indexes = [models.Index(fields=["mobile", "id"], name="consent_of_a_number")]

    def __str__(self) -> str:
        return f"{self.was or '–'} → {self.became}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise LedgerIsFinal("The consent ledger is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> Never:
        raise LedgerIsFinal("The consent ledger is only added to.")
