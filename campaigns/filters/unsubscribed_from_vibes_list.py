"""Unsubscribed from Vibes List."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.registry import filters
from vibes.subscriptions import UNSUBSCRIBE


@filters.register
class UnsubscribedFromVibesList(ActivityFilter):
    """People who left a Vibes list, whatever they did since."""

    kind = "unsubscribed_from_vibes_list"
    label = _("Unsubscribed from Vibes List")
    group = _("SMS Activity")
    word = UNSUBSCRIBE.word
    constraints = (
        LIST,
        CAMPAIGN,
    )
