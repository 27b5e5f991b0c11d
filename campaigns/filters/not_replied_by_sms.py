"""NOT Replied by SMS."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import TEXT
from campaigns.registry import filters
from vibes.consequences import RECEIVED


@filters.register
class NotRepliedBySms(Inactivity):
    """People who texted us nothing of the kind."""

    kind = "not_replied_by_sms"
    label = _("NOT Replied by SMS")
    group = _("NOT")
    word = RECEIVED.word
    constraints = (TEXT,)
