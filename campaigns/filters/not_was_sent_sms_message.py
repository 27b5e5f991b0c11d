"""NOT Was Sent SMS Message."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import CAMPAIGN, LIST, MESSAGE
from campaigns.registry import filters
from vibes.receipts import SENT


@filters.register
class NotWasSentSmsMessage(Inactivity):
    """People to whom no such text was sent."""

    kind = "not_was_sent_sms_message"
    label = _("NOT Was Sent SMS Message")
    group = _("NOT")
    word = SENT.word
    constraints = (
        MESSAGE,
        LIST,
        CAMPAIGN,
    )
