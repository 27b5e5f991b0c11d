"""Opt-in Requested."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.registry import filters
from vibes.subscriptions import REQUEST


@filters.register
class OptInRequested(ActivityFilter):
    """People who were asked to join a Vibes list, whatever they answered."""

    kind = "opt_in_requested"
    label = _("Opt-in Requested")
    group = _("SMS Activity")
    word = REQUEST.word
    constraints = (
        LIST,
        CAMPAIGN,
    )
