"""Block Listed."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import BooleanFilter
from campaigns.registry import filters


@filters.register
class BlockListed(BooleanFilter):
    """People who must never be texted."""

    kind = "block_listed"
    label = _("Block Listed")
    group = _("Permission")
    field = "block_listed"
