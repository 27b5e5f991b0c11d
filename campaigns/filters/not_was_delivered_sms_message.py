"""NOT Was Delivered SMS Message."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import CAMPAIGN, LIST, MESSAGE
from campaigns.registry import filters
from vibes.receipts import DELIVERED


@filters.register
class NotWasDeliveredSmsMessage(Inactivity):
    """People of whom it is not known that such a text reached their telephone."""

    kind = "not_was_delivered_sms_message"
    label = _("NOT Was Delivered SMS Message")
    group = _("NOT")
    word = DELIVERED.word
    constraints = (
        MESSAGE,
        LIST,
        CAMPAIGN,
    )
