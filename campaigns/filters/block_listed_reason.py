"""Block Listed Reason."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import TextFilter
from campaigns.registry import filters


@filters.register
class BlockListedReason(TextFilter):
    """People by why they are block-listed."""

    kind = "block_listed_reason"
    label = _("Block Listed Reason")
    group = _("Permission")
    field = "block_listed_reason"
