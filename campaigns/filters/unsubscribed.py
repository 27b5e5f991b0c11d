"""Unsubscribed (e-mail)."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import BooleanFilter
from campaigns.registry import filters


@filters.register
class Unsubscribed(BooleanFilter):
    """People who unsubscribed from e-mail. By itself that does not stop texts."""

    kind = "unsubscribed"
    label = _("Unsubscribed (e-mail)")
    group = _("Permission")
    field = "unsubscribed"
