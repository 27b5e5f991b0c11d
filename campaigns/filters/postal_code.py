"""Postal Code."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class PostalCode(TextFilter):
    """People by postal code."""

    kind = "postal_code"
    label = _("Postal Code")
    group = _("Person")
    field = "postal_code"
