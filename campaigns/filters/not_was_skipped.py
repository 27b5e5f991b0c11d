"""NOT Was Skipped in Flow."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import CAMPAIGN, REASON
from campaigns.registry import filters


@filters.register
class NotWasSkipped(Inactivity):
    """People whom no flow step passed over in this way."""

    kind = "not_was_skipped"
    label = _("NOT Was Skipped in Flow")
    group = _("NOT")
    word = "skipped"  # `skips` writes it, above us
    constraints = (
        CAMPAIGN,
        REASON,
    )
    needs_vibes = False
