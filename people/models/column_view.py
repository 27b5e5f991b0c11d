"""Which columns somebody wants to see of people, under a name of their own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ColumnView(models.Model):
    """The names of columns (`people.grid`) in their order. Only its maker sees it; one is the default."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("Name"), max_length=60)
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    is_default = models.BooleanField(_("Show this view first"), default=False)

    class Meta:
        verbose_name = _("column view")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_view_of_a_name"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default=True), name="one_default_view"
            ),
        ]

    def __str__(self) -> str:
        return self.name
