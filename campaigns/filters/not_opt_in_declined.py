"""NOT Opt-in Declined."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.registry import filters
from vibes.subscriptions import DECLINE


@filters.register
class NotOptInDeclined(Inactivity):
    """People who did not decline to join the Vibes list."""

    kind = "not_opt_in_declined"
    label = _("NOT Opt-in Declined")
    group = _("NOT")
    word = DECLINE.word
    constraints = (
        LIST,
        CAMPAIGN,
    )
