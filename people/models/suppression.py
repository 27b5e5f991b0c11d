"""What is remembered of a number whose person was erased: that it is barred, and nothing else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.mobile import masked
from people.secret import SecretField


class HashKey(models.Model):
    """The one secret by which numbers are hashed (`people.pseudonym`), encrypted with FIELD_KEYS.

    Whoever has the database alone cannot try all numbers; and FIELD_KEYS may change, the hashes stay.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    secret = SecretField(editable=False)

    def __str__(self) -> str:
        return "hash key"


class Suppression(models.Model):
    """A number as a keyed hash, and why it was barred; '' where only others remember something of it.

    `mobile` is filled in when somebody with that number comes back: from then on the gate can ask.
    """

    class Reason(models.TextChoices):
        NONE = "", _("Not barred here")
        BLOCK_LISTED = "block-listed", _("Block Listed")
        MARKETING_SUSPENDED = "marketing-suspended", _("Marketing Suspended")

    key = models.CharField(max_length=16, unique=True)
    mobile = models.CharField(max_length=16, null=True, unique=True)  # noqa: DJ001  unique where known
    reason = models.CharField(max_length=20, choices=Reason, default=Reason.NONE, blank=True)
    kept_at = models.DateTimeField()
    came_back_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("suppressed number")
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["key"], condition=Q(mobile=None), name="suppressed_and_gone")
        ]

    def __str__(self) -> str:
        return masked(self.mobile) if self.mobile else self.key
