"""SMS Message Bounced."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import ActivityFilter
from campaigns.operators.constraints import BOUNCE, CAMPAIGN, LIST, MESSAGE
from campaigns.registry import filters
from vibes.receipts import BOUNCED


@filters.register
class SmsMessageBounced(ActivityFilter):
    """People to whose number a text could not be delivered.

    A message is known by the name it had when it was sent."""

    kind = "sms_message_bounced"
    label = _("SMS Message Bounced")
    group = _("SMS Activity")
    word = BOUNCED.word
    constraints = (
        MESSAGE,
        LIST,
        CAMPAIGN,
        BOUNCE,
    )
