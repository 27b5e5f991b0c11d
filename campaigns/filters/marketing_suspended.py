"""Marketing Suspended."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import BooleanFilter
from campaigns.registry import filters


@filters.register
class MarketingSuspended(BooleanFilter):
    """People who get no marketing for now."""

    kind = "marketing_suspended"
    label = _("Marketing Suspended")
    group = _("Permission")
    field = "marketing_suspended"
