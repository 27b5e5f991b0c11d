"""What was done to a draft, so that it can be undone: today, after a reload, and by a colleague."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .smart_list import SmartList


class Edit(models.Model):
    """One edit: the parts of the draft it changed, as they were before and after (None: not there).

    `smart_list` is that of the campaign, or of the list that stands alone: it stands for the draft. The
    filters and the flow are two sides of it, each with edits numbered from 1. `campaigns.snapshot` says
    what a part is.
    """

    class Side(models.TextChoices):
        LIST = "list", _("Smart List")
        FLOW = "flow", _("Flow")

    class Deed(models.TextChoices):
        ADD = "add", _("add “%s”")
        DELETE = "delete", _("delete “%s”")
        MOVE = "move", _("move “%s”")
        DUPLICATE = "duplicate", _("duplicate “%s”")
        CHANGE = "change", _("change “%s”")
        ADD_CHOICE = "add_choice", _("add a choice to “%s”")
        MOVE_CHOICE = "move_choice", _("move a choice of “%s”")
        DELETE_CHOICE = "drop_choice", _("delete a choice of “%s”")
        REORDER = "reorder", _("change the order")
        RULE = "rule", _("change how the filters are joined")
        RESTORE = "restore", _("restore version %s")

    smart_list = models.ForeignKey(
        SmartList, models.CASCADE, related_name="edits", db_index=False
    )  # the constraint finds them
    side = models.CharField(max_length=4, choices=Side)
    number = models.PositiveIntegerField()
    deed = models.CharField(max_length=12, choices=Deed)
    name = models.CharField(max_length=200, blank=True)
    # Of a change: which fields of which card. The next letter typed there belongs to the same edit.
    subject = models.CharField(max_length=200, blank=True)
    before: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    after: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    is_undone = models.BooleanField(default=False)
    # Which revision of its owner undoing it (or doing it again) made last, and who did.
    turned = models.PositiveIntegerField(null=True)
    turned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["smart_list", "side", "number"], name="edit_once")
        ]

    def __str__(self) -> str:
        words = self.get_deed_display()
        return words % self.name if "%s" in words else words
