"""A field of people that this installation made for itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class CustomField(models.Model):
    """Its `key` under which `Person.custom` keeps the values, what it is called, and its type.

    Key and type stay as they are: values, filters and published versions go by them.
    """

    key = models.SlugField(max_length=60, unique=True, editable=False)
    label = models.CharField(_("Name"), max_length=100)
    type = models.CharField(_("Type"), max_length=12)
    help = models.CharField(_("What it means"), max_length=255, blank=True)
    # What it was called before: texts of messages and headers of files may still call it so.
    formerly: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list, blank=True, editable=False
    )
    created_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("custom field")
        ordering = ["label", "pk"]
        permissions = [("manage_fields", _("Can make, rename and delete fields of people"))]
        constraints = [models.UniqueConstraint(Lower("label"), name="one_field_of_a_name")]

    def __str__(self) -> str:
        return self.label
