"""Marketing Suspended Reason."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class MarketingSuspendedReason(TextFilter):
    """People by why marketing to them is suspended."""

    kind = "marketing_suspended_reason"
    label = _("Marketing Suspended Reason")
    group = _("Permission")
    field = "marketing_suspended_reason"
