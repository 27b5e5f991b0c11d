"""Opt-in Declined."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.registry import filters
from vibes.subscriptions import DECLINE


@filters.register
class OptInDeclined(ActivityFilter):
    """People who declined to join a Vibes list."""

    kind = "opt_in_declined"
    label = _("Opt-in Declined")
    group = _("SMS Activity")
    word = DECLINE.word
    constraints = (
        LIST,
        CAMPAIGN,
    )
