"""Was Skipped in Flow."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import CAMPAIGN, REASON
from campaigns.registry import filters


@filters.register
class WasSkipped(ActivityFilter):
    """People whom a flow step passed over, by the reason."""

    kind = "was_skipped"
    label = _("Was Skipped in Flow")
    group = _("SMS Activity")
    word = "skipped"  # `skips` writes it, above us
    constraints = (
        CAMPAIGN,
        REASON,
    )
    needs_vibes = False
