"""Was Delivered SMS Message."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import CAMPAIGN, LIST, MESSAGE
from campaigns.registry import filters
from vibes.receipts import DELIVERED


@filters.register
class WasDeliveredSmsMessage(ActivityFilter):
    """People whose telephone is known to have received a text.

    A message is known by the name it had when it was sent."""

    kind = "was_delivered_sms_message"
    label = _("Was Delivered SMS Message")
    group = _("SMS Activity")
    word = DELIVERED.word
    constraints = (
        MESSAGE,
        LIST,
        CAMPAIGN,
    )
