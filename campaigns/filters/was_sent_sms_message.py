"""Was Sent SMS Message."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import CAMPAIGN, LIST, MESSAGE
from campaigns.registry import filters
from vibes.receipts import SENT


@filters.register
class WasSentSmsMessage(ActivityFilter):
    """People to whom a text was sent, whatever became of it at the carrier.

    A message is known by the name it had when it was sent."""

    kind = "was_sent_sms_message"
    label = _("Was Sent SMS Message")
    group = _("SMS Activity")
    word = SENT.word
    constraints = (
        MESSAGE,
        LIST,
        CAMPAIGN,
    )
