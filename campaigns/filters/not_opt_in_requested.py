"""NOT Opt-in Requested."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.registry import filters
from vibes.subscriptions import REQUEST


@filters.register
class NotOptInRequested(Inactivity):
    """People who were not asked to join the Vibes list."""

    kind = "not_opt_in_requested"
    label = _("NOT Opt-in Requested")
    group = _("NOT")
    word = REQUEST.word
    constraints = (
        LIST,
        CAMPAIGN,
    )
