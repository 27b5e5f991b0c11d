"""Opt-in Expired."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.registry import filters
from vibes.subscriptions import EXPIRE


@filters.register
class OptInExpired(ActivityFilter):
    """People who did not answer in time whether they join a Vibes list."""

    kind = "opt_in_expired"
    label = _("Opt-in Expired")
    group = _("SMS Activity")
    word = EXPIRE.word
    constraints = (
        LIST,
        CAMPAIGN,
    )
