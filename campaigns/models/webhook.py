"""A call that operators describe once, and steps then choose: where it goes, and what it says."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.secret import SecretField


class Webhook(models.Model):
    """An https address outside, and what is said there. Addresses and bodies take `{{person.…}}` tokens.

    Marketers choose it by its name and see nothing else of it: its header may hold a key.
    """

    class Method(models.TextChoices):
        POST = "POST", "POST"
        GET = "GET", "GET"

    name = models.CharField(_("Name"), max_length=255, unique=True)
    method = models.CharField(_("Method"), max_length=4, choices=Method, default=Method.POST)
    url = models.CharField(
        _("Address"),
        max_length=2_000,
        help_text=_(
            "https, and its host is one of WEBHOOK_HOSTS. Tokens may stand after the host."
        ),
    )
    body = models.TextField(
        _("Body"),
        blank=True,
        max_length=20_000,
        help_text=_('JSON, such as {"name": "{{person.First Name}}"}. Tokens stand inside texts.'),
    )
    header_name = models.CharField(
        _("Header"), max_length=100, blank=True, help_text=_("Such as Authorization.")
    )
    header_value = SecretField(_("Value of the header"), blank=True, default="")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
