"""NOT SMS Message Bounced."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import BOUNCE, CAMPAIGN, LIST, MESSAGE
from campaigns.registry import filters
from vibes.receipts import BOUNCED


@filters.register
class NotSmsMessageBounced(Inactivity):
    """People of whom no such bounce is known."""

    kind = "not_sms_message_bounced"
    label = _("NOT SMS Message Bounced")
    group = _("NOT")
    word = BOUNCED.word
    constraints = (
        MESSAGE,
        LIST,
        CAMPAIGN,
        BOUNCE,
    )
