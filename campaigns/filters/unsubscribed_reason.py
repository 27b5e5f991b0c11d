"""Unsubscribed Reason."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class UnsubscribedReason(TextFilter):
    """People by why they unsubscribed from e-mail."""

    kind = "unsubscribed_reason"
    label = _("Unsubscribed Reason")
    group = _("Permission")
    field = "unsubscribed_reason"
