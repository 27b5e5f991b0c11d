"""Replied by SMS."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import TEXT
from campaigns.registry import filters
from vibes.consequences import RECEIVED


@filters.register
class RepliedBySms(ActivityFilter):
    """People who texted us something that was no keyword, such as an answer."""

    kind = "replied_by_sms"
    label = _("Replied by SMS")
    group = _("SMS Activity")
    word = RECEIVED.word
    constraints = (TEXT,)
