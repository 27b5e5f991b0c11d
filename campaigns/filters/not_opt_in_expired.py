"""NOT Opt-in Expired."""

from django.utils.translation import gettext_lazy as _

from campaigns.operators import Inactivity
from campaigns.operators.constraints import CAMPAIGN, LIST
from campaigns.registry import filters
from vibes.subscriptions import EXPIRE


@filters.register
class NotOptInExpired(Inactivity):
    """People of whom no such question ran out of time."""

    kind = "not_opt_in_expired"
    label = _("NOT Opt-in Expired")
    group = _("NOT")
    word = EXPIRE.word
    constraints = (
        LIST,
        CAMPAIGN,
    )
